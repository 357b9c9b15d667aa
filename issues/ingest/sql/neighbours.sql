-- Which neighbour of the city covers each of many points outside it; as geodata/sql/outside.sql asks for one.
--
-- Parameters: city_id, level (of neighbours), at; arrays lons, lats (degrees, EPSG:4326).
-- Columns: name (empty where no neighbour is known), in the order of the arrays.
SELECT coalesce(found.name, '') AS name
FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS asked (lon, lat, place)
LEFT JOIN LATERAL (
    SELECT trim(initcap(area.kind) || ' ' || area.name) AS name
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE edition.valid @> %(at)s::timestamptz
        AND area.city_id = %(city_id)s
        AND area.level = %(level)s
        AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326))
    ORDER BY area.code
    LIMIT 1
) AS found ON true
ORDER BY asked.place
