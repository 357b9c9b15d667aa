-- Chunks that are to be changed: zoom, tile, detail, grain, bucket, tier, blob. The blob of a chunk
-- more than 16 times as large as what was and is added to it stays where it is (NULL).
-- Parameters: source, scope; zs, tiles, details, grains, buckets and sizes (entries) side by side.
SELECT c.z, c.tile, c.detail, c.grain, c.bucket, c.tier,
       CASE WHEN c.tier = 1 OR c.size <= 16 * (asked.size + coalesce(patch.size, 0)) THEN c.blob END
           AS blob
FROM unnest(%(zs)s::smallint[], %(tiles)s::bigint[], %(details)s::smallint[],
            %(grains)s::smallint[], %(buckets)s::int[], %(sizes)s::int[])
    AS asked (z, tile, detail, grain, bucket, size)
JOIN heat_chunk c
  ON c.source = %(source)s AND c.scope = %(scope)s AND c.z = asked.z AND c.tile = asked.tile
 AND c.detail = asked.detail AND c.grain = asked.grain AND c.bucket = asked.bucket
LEFT JOIN heat_chunk patch
  ON patch.source = %(source)s AND patch.scope = %(scope)s AND patch.z = asked.z
 AND patch.tile = asked.tile AND patch.detail = asked.detail AND patch.grain = asked.grain
 AND patch.bucket = asked.bucket AND patch.tier = 1
