-- The village that covers each of many blurred points, as publication.public_area finds it for one.
--
-- Parameters: city_id, level; arrays lons, lats (degrees, EPSG:4326), ats (when the issue was received).
-- Columns: id (the jurisdiction, NULL where none covers the point), in the order of the arrays.
SELECT found.id
FROM unnest(%(lons)s::float8[], %(lats)s::float8[], %(ats)s::timestamptz[]) WITH ORDINALITY AS asked (lon, lat, at, place)
LEFT JOIN LATERAL (
    SELECT area.id
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE edition.valid @> asked.at
        AND area.city_id = %(city_id)s
        AND area.level = %(level)s
        AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326))
    ORDER BY area.code
    LIMIT 1
) AS found ON true
ORDER BY asked.place
