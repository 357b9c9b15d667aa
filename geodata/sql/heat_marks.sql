-- Which of some tiles have chunks: zoom, number, grain of the mark (0 grained, 4 flat), rows.
-- Parameters: source, scope, zs and tiles side by side.
SELECT c.z, c.tile, c.grain, c.rows
FROM unnest(%(zs)s::smallint[], %(tiles)s::bigint[]) AS asked (z, tile)
JOIN heat_chunk c
  ON c.source = %(source)s AND c.scope = %(scope)s AND c.z = asked.z AND c.tile = asked.tile
 AND c.detail = 0 AND c.grain IN (0, 4) AND c.bucket = 0 AND c.tier = 0
