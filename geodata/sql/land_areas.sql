-- What: the size of an edition's areas and the length of the imported roads in them.
-- Columns: code, name, kind, parent_code, km2, road_km (both on the ellipsoid; road_km 0 where no roads are loaded).
-- Parameters: edition (id).
-- A road is cut at the borders; what the city has retired does not count.
-- Source: PostGIS geography ST_Area and ST_Length.
SELECT area.code, area.name, area.kind, area.parent_code,
       ST_Area(area.area::geography) / 1e6 AS km2,
       COALESCE(roads.km, 0) AS road_km
FROM geodata_jurisdiction AS area
LEFT JOIN LATERAL (
    SELECT SUM(ST_Length(ST_Intersection(road.geom, area.area)::geography)) / 1000 AS km
    FROM geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = area.city_id AND road.layer = 'road' AND edition.valid @> now()
      AND (road.valid IS NULL OR road.valid @> CURRENT_DATE)
      AND ST_Intersects(road.geom, area.area)
) AS roads ON TRUE
WHERE area.edition_id = %(edition)s
ORDER BY area.code
