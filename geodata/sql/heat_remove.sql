-- Take single chunks away: values (zoom, tile, detail, grain, bucket, tier). Parameter: head.
DELETE FROM heat_chunk c USING (VALUES %s) AS v (z, tile, detail, grain, bucket, tier)
WHERE (c.source, c.scope) = (%(head)s) AND c.z = v.z AND c.tile = v.tile
  AND c.detail = v.detail AND c.grain = v.grain AND c.bucket = v.bucket AND c.tier = v.tier
