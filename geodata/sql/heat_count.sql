-- Set how many rows tiles have: values (zoom, tile, grain of the mark, rows). Parameter: head.
UPDATE heat_chunk c SET rows = v.rows
FROM (VALUES %s) AS v (z, tile, grain, rows)
WHERE (c.source, c.scope) = (%(head)s) AND c.z = v.z AND c.tile = v.tile
  AND c.detail = 0 AND c.grain = v.grain AND c.bucket = 0 AND c.tier = 0 AND c.rows <> v.rows
