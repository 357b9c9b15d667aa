-- The things of one layer nearest to a point, each with the newest open public issue that names it.
--
-- Parameters: city_id, layer, lon, lat (degrees, EPSG:4326), radius_m, most (rows), open_layers (public layers of what
-- is not done), at (timestamptz, whose editions count).
-- Columns: code, name, lat, lon, distance_m, reported (number or NULL), nearest first.
-- Only layers that some question of the city asks for; of an issue only what its public row says.
-- Source: own; the box of degrees serves the index, metres decide.
WITH here AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point, city.metric_srid::int AS srid
    FROM geodata_city AS city
    WHERE city.id = %(city_id)s
),
near AS (
    SELECT asset.code, asset.name, asset.layer, ST_PointOnSurface(asset.geom) AS spot,
        ST_Distance(ST_Transform(asset.geom, here.srid), ST_Transform(here.point, here.srid)) AS distance_m
    FROM here, geodata_asset AS asset
    JOIN geodata_edition AS edition ON edition.id = asset.edition_id AND edition.valid @> %(at)s::timestamptz
    WHERE asset.city_id = %(city_id)s AND asset.layer = %(layer)s AND asset.code <> ''
        -- degrees of latitude are 111 km; of longitude shorter, so the box is wide enough in the tropics
        AND asset.geom && ST_Expand(here.point, %(radius_m)s / 100000.0)
        AND asset.layer IN (
            SELECT question.layer
            FROM issues_question AS question
            JOIN issues_category AS category ON category.id = question.category_id
            WHERE category.city_id = %(city_id)s AND question.kind = 'asset' AND question.active
        )
)
SELECT near.code, near.name, ST_Y(near.spot) AS lat, ST_X(near.spot) AS lon, near.distance_m,
    (
        SELECT shown.number
        FROM issues_issueasset AS tie
        JOIN issues_publicissue AS shown ON shown.issue_id = tie.issue_id
        -- a thing stands at an exact place: it must not tell where an issue of a blurred kind lies
        JOIN issues_category AS kind ON kind.id = shown.category_id AND kind.exact_place
        WHERE tie.city_id = %(city_id)s AND tie.layer = near.layer AND tie.code = near.code
            AND shown.layer = ANY(%(open_layers)s)
        ORDER BY shown.received_at DESC, shown.issue_id DESC
        LIMIT 1
    ) AS reported
FROM near
WHERE near.distance_m <= %(radius_m)s
ORDER BY near.distance_m, near.code
LIMIT %(most)s
