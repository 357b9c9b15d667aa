-- What: the main streets in force of one city, one row a name and class, longest and highest class first.
-- Columns: name, road_class, shape (GeoJSON, thinned to about 4 m).
-- Parameters: city (id), classes (in their order of rank), most (rows).
-- Source: PostGIS ST_LineMerge, ST_SimplifyPreserveTopology.
SELECT road.name, road.road_class,
       ST_AsGeoJSON(
           ST_SimplifyPreserveTopology(ST_LineMerge(ST_Collect(ST_CollectionExtract(road.geom, 2))), 0.00004), 5
       )::json AS shape
FROM geodata_asset AS road
JOIN geodata_edition AS edition ON edition.id = road.edition_id
WHERE road.city_id = %(city)s AND road.layer = 'road' AND edition.valid @> now()
  AND (road.valid IS NULL OR road.valid @> CURRENT_DATE)
  AND ST_Dimension(road.geom) = 1
GROUP BY road.name, road.road_class
ORDER BY array_position(%(classes)s, road.road_class::text), SUM(ST_Length(road.geom)) DESC, road.name
LIMIT %(most)s
