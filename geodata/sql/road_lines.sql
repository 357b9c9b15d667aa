-- The roads of some editions, as corners in metres of its plane, at most some metres from one to the next.
-- Parameters: city (id), editions (ids), step_m (longest straight piece).
-- Columns: one row a line: xs, ys (metres, float8[]).
-- Roads are asked by their edition alone: a decree changes who owns a road, not whether one can drive there.
-- Source: own; PostGIS ST_Transform, ST_Segmentize, ST_DumpPoints.
SELECT
    ARRAY_AGG(ST_X(corner.geom) ORDER BY corner.path) AS xs,
    ARRAY_AGG(ST_Y(corner.geom) ORDER BY corner.path) AS ys
FROM geodata_city AS city
JOIN geodata_asset AS road ON road.city_id = city.id AND road.layer = 'road' AND road.edition_id = ANY(%(editions)s)
CROSS JOIN LATERAL ST_Dump(ST_Segmentize(ST_Transform(road.geom, city.metric_srid::int), %(step_m)s)) AS line
CROSS JOIN LATERAL ST_DumpPoints(line.geom) AS corner
WHERE city.id = %(city)s AND ST_GeometryType(line.geom) = 'ST_LineString'
GROUP BY road.id, line.path
ORDER BY road.id, line.path
