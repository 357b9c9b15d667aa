-- What: the areas in force of one city as GeoJSON geometries, thinned for the screen.
-- Columns: code, name, kind, level, parent_code, approximate, km2 (on the ellipsoid), label (a point inside), shape.
-- Parameters: city (id).
-- Villages and districts are thinned to about 4 m, neighbours, which only give context, to about 60 m.
-- Source: OGC Simple Features; PostGIS ST_SimplifyPreserveTopology, ST_PointOnSurface, geography ST_Area.
SELECT area.code, area.name, area.kind, area.level, area.parent_code, edition.approximate,
       ROUND((ST_Area(area.area::geography) / 1e6)::numeric, 3)::float8 AS km2,
       ARRAY[ROUND(ST_X(spot)::numeric, 5), ROUND(ST_Y(spot)::numeric, 5)]::float8[] AS label,
       ST_AsGeoJSON(
           ST_SimplifyPreserveTopology(area.area, CASE WHEN area.level = 0 THEN 0.0006 ELSE 0.00004 END), 5
       )::json AS shape
FROM geodata_jurisdiction AS area
JOIN geodata_edition AS edition ON edition.id = area.edition_id
CROSS JOIN LATERAL ST_PointOnSurface(area.area) AS spot
WHERE area.city_id = %(city)s AND edition.valid @> now()
ORDER BY area.level, area.code
