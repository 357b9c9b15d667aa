-- Which of some tiles without chunks have rows enough for them now: zoom, tile.
-- The place in braces takes names of the source.
-- Parameters: scope; zs, tiles, lows and highs (Morton numbers) side by side; least (rows, less one).
SELECT asked.z, asked.tile
FROM unnest(%(zs)s::smallint[], %(tiles)s::bigint[], %(lows)s::bigint[], %(highs)s::bigint[])
    AS asked (z, tile, low, high)
CROSS JOIN LATERAL (
    SELECT 1 FROM {table} r
    WHERE r.{scope} = %(scope)s AND r.{q} >= asked.low AND r.{q} < asked.high
    OFFSET %(least)s LIMIT 1
) full_tile
ORDER BY asked.z, asked.tile
