-- The open public issues of some kinds nearest to a place, at most so many of each kind.
-- Parameters: city (id), kinds (ids), lon, lat (degrees, EPSG:4326), west, south, east, north (the box around it that
--   holds everything near enough), most.
-- The point is a constant and the kind has the column's own type: else the index (kind, point) of the open ones is
-- lost. Open is what stands before the public layer "done".
-- Source: PostgreSQL, btree_gist; PostGIS, KNN distance.
SELECT found.issue_id, found.metres
FROM UNNEST(%(kinds)s::bigint[]) AS kind (id)
CROSS JOIN LATERAL (
    SELECT row.issue_id,
        ST_DistanceSphere(row.point, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)) AS metres
    FROM issues_publicissue AS row
    WHERE row.category_id = kind.id AND row.layer < 3 AND row.city_id = %(city)s
      AND row.point && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    ORDER BY row.point <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)
    LIMIT %(most)s
) AS found
