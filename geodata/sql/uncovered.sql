-- Land of a city that no area of a level covers, largest first.
--
-- Parameters: city_id, level, most (rows), at (timestamptz).
-- Columns: area_m2 (on the ellipsoid), lon, lat (a spot inside), box (W, S, E, N), shape (GeoJSON).
--
-- Less than a square metre is the rounding of two files, not land.
WITH drawn AS (
    SELECT area.level, area.area
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city_id)s AND edition.valid @> %(at)s AND area.level IN (1, %(level)s)
),
piece AS (
    SELECT (ST_Dump(ST_CollectionExtract(ST_Difference(
        (SELECT ST_Union(drawn.area) FROM drawn WHERE drawn.level = 1),
        (SELECT ST_Union(drawn.area) FROM drawn WHERE drawn.level = %(level)s)
    ), 3))).geom
)
SELECT measured.area_m2, ST_X(spot) AS lon, ST_Y(spot) AS lat,
    ARRAY[ST_XMin(piece.geom), ST_YMin(piece.geom), ST_XMax(piece.geom), ST_YMax(piece.geom)] AS box,
    ST_AsGeoJSON(ST_SimplifyPreserveTopology(piece.geom, 0.000005), 6)::json AS shape
FROM piece
CROSS JOIN LATERAL (SELECT ST_Area(piece.geom::geography) AS area_m2) AS measured
CROSS JOIN LATERAL ST_PointOnSurface(piece.geom) AS spot
WHERE measured.area_m2 >= 1
ORDER BY measured.area_m2 DESC
LIMIT %(most)s
