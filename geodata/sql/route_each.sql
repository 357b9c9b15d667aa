-- Who is responsible for each of many issues of one city, in one statement.
--
-- Parameters: lon, lat, area_id, service_code, facts (arrays of equal length, as `route` takes them one by one),
-- city_id, at (timestamptz).
-- Columns: place (counted from 1 in the arrays), then those of `route`; sorted by place, the best answer first.
SELECT asked.place, answer.*
FROM unnest(
    %(lon)s::float8[], %(lat)s::float8[], %(area_id)s::bigint[], %(service_code)s::text[], %(facts)s::jsonb[]
) WITH ORDINALITY AS asked (lon, lat, area_id, service_code, facts, place)
CROSS JOIN LATERAL (
    SELECT row_number() OVER () AS rank, found.*
    FROM geodata_route_v1(
        asked.lon, asked.lat, asked.area_id, %(city_id)s, asked.service_code, asked.facts, %(at)s
    ) AS found
) AS answer
ORDER BY asked.place, answer.rank
