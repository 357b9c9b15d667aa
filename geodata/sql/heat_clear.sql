-- Take all chunks of tiles away: values (zoom, tile). Parameter: head.
DELETE FROM heat_chunk c USING (VALUES %s) AS v (z, tile)
WHERE (c.source, c.scope) = (%(head)s) AND c.z = v.z AND c.tile = v.tile
