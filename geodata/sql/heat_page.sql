-- All chunks of the next tiles of a level, in order: zoom, tile, detail, grain, bucket, blob.
-- Parameters: source, scope, z; last: the tile before; page: how many tiles.
SELECT c.z, c.tile, c.detail, c.grain, c.bucket, c.blob
FROM heat_chunk c
WHERE c.source = %(source)s AND c.scope = %(scope)s AND c.z = %(z)s AND c.tile IN (
    SELECT m.tile FROM heat_chunk m
    WHERE m.source = %(source)s AND m.scope = %(scope)s AND m.z = %(z)s AND m.tile > %(last)s
    GROUP BY m.tile ORDER BY m.tile LIMIT %(page)s
)
ORDER BY c.tile, c.detail, c.grain, c.bucket, c.tier
