-- Land that two areas of one level in force both claim, largest first.
--
-- Parameters: city_id, levels (int[]), most (rows), at (timestamptz).
-- Columns: level, code, name, other_code, other_name, area_m2 (on the ellipsoid), lon, lat, box (W, S, E, N),
-- shape (GeoJSON).
WITH drawn AS (
    SELECT area.id, area.level, area.code, area.name, area.area
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city_id)s AND edition.valid @> %(at)s AND area.level = ANY(%(levels)s::int[])
)
SELECT one.level, one.code, one.name, other.code AS other_code, other.name AS other_name, measured.area_m2,
    ST_X(spot) AS lon, ST_Y(spot) AS lat,
    ARRAY[ST_XMin(both_of), ST_YMin(both_of), ST_XMax(both_of), ST_YMax(both_of)] AS box,
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(both_of, 0.000005), 6)::json AS shape
FROM drawn AS one
JOIN drawn AS other ON other.level = one.level AND other.id > one.id AND ST_Intersects(other.area, one.area)
CROSS JOIN LATERAL ST_CollectionExtract(ST_Intersection(one.area, other.area), 3) AS both_of
CROSS JOIN LATERAL (SELECT ST_Area(both_of::geography) AS area_m2) AS measured
CROSS JOIN LATERAL ST_PointOnSurface(both_of) AS spot
WHERE measured.area_m2 >= 1
ORDER BY measured.area_m2 DESC
LIMIT %(most)s
