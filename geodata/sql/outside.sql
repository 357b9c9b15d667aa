-- Where a point outside the city lies: the neighbour that covers it, and how far the border is.
--
-- Parameters: lon, lat (degrees, EPSG:4326), city_id, at (timestamptz).
-- Columns: neighbour (name or NULL), distance_m (metres to the nearest village, or NULL without boundaries).
SELECT
    (
        SELECT area.name
        FROM geodata_jurisdiction AS area
        JOIN geodata_edition AS edition ON edition.id = area.edition_id
        WHERE area.city_id = city.id
            AND area.level = 0
            AND edition.valid @> %(at)s::timestamptz
            AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
        ORDER BY area.code
        LIMIT 1
    ) AS neighbour,
    (
        SELECT min(ST_Distance(
            ST_Transform(area.area, city.metric_srid::int),
            ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), city.metric_srid::int)
        ))
        FROM geodata_jurisdiction AS area
        JOIN geodata_edition AS edition ON edition.id = area.edition_id
        WHERE area.city_id = city.id
            AND area.level BETWEEN 1 AND 3
            AND edition.valid @> %(at)s::timestamptz
    ) AS distance_m
FROM geodata_city AS city
WHERE city.id = %(city_id)s
