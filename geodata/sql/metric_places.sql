-- Places in metres of a city's plane, and which editions of its roads are in force.
-- Parameters: lons, lats (degrees, EPSG:4326, equally many), city (id), at (timestamptz).
-- Columns: one row a place, in the order asked: x, y (metres), editions (ids, ascending; NULL without any).
-- Source: own; PostGIS ST_Transform.
SELECT
    ST_X(ST_Transform(place.point, city.metric_srid::int)) AS x,
    ST_Y(ST_Transform(place.point, city.metric_srid::int)) AS y,
    (
        SELECT ARRAY_AGG(edition.id ORDER BY edition.id)
        FROM geodata_edition AS edition
        WHERE edition.city_id = city.id AND edition.layer = 'road' AND edition.valid @> %(at)s::timestamptz
    ) AS editions
FROM geodata_city AS city
CROSS JOIN LATERAL (
    SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point
    FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, number)
) AS place
WHERE city.id = %(city)s
ORDER BY place.number
