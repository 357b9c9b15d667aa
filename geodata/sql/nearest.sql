-- What: the nearest named street within some 200 m of a point, and the deepest ordinary area that covers it.
-- Columns: one row: street, distance_m (both NULL without one), area (name with its kind), area_code, level.
-- Parameters: lon, lat (degrees, EPSG:4326), city (id), at (timestamptz).
-- Roads that routing knows and roads of the basemap are asked alike; of two that are equally near (to the decimetre)
-- the one that routing knows is named, so that a street's legal list wins over a drawing of it.
-- Source: own; PostGIS ST_Covers, ST_Distance in the city's plane.
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point, city.metric_srid::int AS srid,
        (%(at)s::timestamptz AT TIME ZONE city.zone)::date AS day
    FROM geodata_city AS city
    WHERE city.id = %(city)s
), near AS (
    SELECT road.name, road.geom, 0 AS source, road.id
    FROM geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = %(city)s AND road.layer = 'road' AND road.name <> '' AND edition.valid @> %(at)s::timestamptz
        AND (road.valid IS NULL OR road.valid @> (SELECT day FROM asked))
        -- a constant box serves the index; 0.002 degree is 220 m
        AND road.geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326), 0.002)
    UNION ALL
    SELECT road.name, road.geom, 1, road.id
    FROM geodata_basemapfeature AS road
    WHERE road.city_id = %(city)s AND road.kind = 'roads' AND road.name <> ''
        AND road.geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326), 0.002)
), street AS (
    SELECT near.name, ST_Distance(ST_Transform(near.geom, asked.srid), ST_Transform(asked.point, asked.srid)) AS metres
    FROM near CROSS JOIN asked
    ORDER BY ROUND(ST_Distance(ST_Transform(near.geom, asked.srid), ST_Transform(asked.point, asked.srid))::numeric, 1),
        near.source, near.id
    LIMIT 1
), area AS (
    SELECT BTRIM(INITCAP(area.kind) || ' ' || area.name) AS name, area.code, area.level
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city)s AND edition.valid @> %(at)s::timestamptz AND area.level BETWEEN 1 AND 3
        AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326))
    ORDER BY area.level DESC, area.code
    LIMIT 1
)
SELECT street.name AS street, street.metres AS distance_m, area.name AS area, area.code AS area_code, area.level
FROM asked
LEFT JOIN street ON true
LEFT JOIN area ON true
