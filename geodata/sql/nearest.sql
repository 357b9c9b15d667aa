-- What: the nearest named street within some 200 m of each of many points, and the deepest ordinary area that covers it.
-- Columns: one row a point, in the order asked: street, distance_m (both NULL without one), area (name with its kind),
--   area_code.
-- Parameters: lons, lats (degrees, EPSG:4326, equally many), city (id), at (timestamptz).
-- Roads that routing knows and roads of the basemap are asked alike; of two that are equally near (to the decimetre)
-- the one that routing knows is named, so that a street's legal list wins over a drawing of it.
-- Source: own; PostGIS ST_Covers, ST_Distance in the city's plane.
WITH city AS (
    SELECT city.id, city.metric_srid::int AS srid, (%(at)s::timestamptz AT TIME ZONE city.zone)::date AS day
    FROM geodata_city AS city
    WHERE city.id = %(city)s
), asked AS (
    SELECT place, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point
    FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, place)
)
SELECT street.name AS street, street.metres AS distance_m, area.name AS area, area.code AS area_code
FROM asked
CROSS JOIN city
LEFT JOIN LATERAL (
    SELECT near.name, ST_Distance(ST_Transform(near.geom, city.srid), ST_Transform(asked.point, city.srid)) AS metres
    FROM (
        SELECT road.name, road.geom, 0 AS source, road.id
        FROM geodata_asset AS road
        JOIN geodata_edition AS edition ON edition.id = road.edition_id
        WHERE road.city_id = city.id AND road.layer = 'road' AND road.name <> ''
            AND edition.valid @> %(at)s::timestamptz
            AND (road.valid IS NULL OR road.valid @> city.day)
            -- 0.002 degree is 220 m
            AND road.geom && ST_Expand(asked.point, 0.002)
        UNION ALL
        SELECT road.name, road.geom, 1, road.id
        FROM geodata_basemapfeature AS road
        WHERE road.city_id = city.id AND road.kind = 'roads' AND road.name <> ''
            AND road.geom && ST_Expand(asked.point, 0.002)
    ) AS near
    ORDER BY ROUND(ST_Distance(ST_Transform(near.geom, city.srid), ST_Transform(asked.point, city.srid))::numeric, 1),
        near.source, near.id
    LIMIT 1
) AS street ON true
LEFT JOIN LATERAL (
    SELECT BTRIM(INITCAP(area.kind) || ' ' || area.name) AS name, area.code
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = city.id AND edition.valid @> %(at)s::timestamptz AND area.level BETWEEN 1 AND 3
        AND ST_Covers(area.area, asked.point)
    ORDER BY area.level DESC, area.code
    LIMIT 1
) AS area ON true
ORDER BY asked.place
