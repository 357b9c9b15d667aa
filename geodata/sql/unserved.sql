-- Where nobody serves some kinds of issues: spots on the ground of every village, asked one by one.
--
-- Parameters: city_id, service_codes (text[]), more (spots a village beside its middle), at (timestamptz).
-- Columns: service_code, code, name (of the village), lon, lat.
--
-- As in `served`: facts are not known, so a rule that demands some counts as one that may fit. The spots are the same
-- every time.
WITH spot AS MATERIALIZED (
    SELECT area.code, area.name, ground.geom
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    CROSS JOIN LATERAL (
        SELECT ST_PointOnSurface(area.area) AS geom
        UNION ALL
        SELECT (ST_Dump(ST_GeneratePoints(area.area, %(more)s, 1))).geom
    ) AS ground
    WHERE area.city_id = %(city_id)s AND edition.valid @> %(at)s AND area.level = 3
)
SELECT asked.service_code, spot.code, spot.name, ST_X(spot.geom) AS lon, ST_Y(spot.geom) AS lat
FROM unnest(%(service_codes)s::text[]) AS asked (service_code)
CROSS JOIN spot
CROSS JOIN LATERAL (
    SELECT bool_or(found.in_force AND found.in_area AND found.on_road) AS is_served
    FROM geodata_route_v1(
        ST_X(spot.geom), ST_Y(spot.geom), NULL, %(city_id)s, asked.service_code, '{}', %(at)s
    ) AS found
) AS answer
WHERE NOT answer.is_served
ORDER BY asked.service_code, spot.name
