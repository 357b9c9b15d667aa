-- What lies in some tiles of one level: their chunks of a period, the delta since, and for tiles
-- without chunks the rows themselves. One statement, so one snapshot: the sum is exact.
-- Rows: kind (0 chunk, 1 delta, 2 rows of a tile without chunks), tile, detail, grain, bucket, tier,
-- version, blob (NULL where the reader has this version already).
-- The places in braces take statements of `pyramid/question.py` for kinds 1 and 2.
-- Parameters: source, scope, z, tiles; details, grains, lows, highs: which chunks, bucket by bucket;
-- known: versions that the reader has.
SELECT 0 AS kind, c.tile, c.detail, c.grain, c.bucket, c.tier, c.version,
       CASE WHEN c.version = ANY(%(known)s::bigint[]) THEN NULL ELSE c.blob END AS blob
FROM unnest(%(tiles)s::bigint[]) AS asked (tile)
CROSS JOIN unnest(%(details)s::smallint[], %(grains)s::smallint[], %(lows)s::int[], %(highs)s::int[])
    AS slot (detail, grain, low, high)
JOIN heat_chunk c
  ON c.source = %(source)s AND c.scope = %(scope)s AND c.z = %(z)s AND c.tile = asked.tile
 AND c.detail = slot.detail AND c.grain = slot.grain AND c.bucket BETWEEN slot.low AND slot.high
UNION ALL
{delta}
{rows}
