-- Which kinds of issues somebody serves at one place; a kind that no rule of the city speaks of is everywhere triage's
-- own, and served.
--
-- Parameters: lon, lat (degrees, EPSG:4326; both NULL without a point), area_id (a jurisdiction instead of a point, or
-- NULL), city_id, service_codes (text[]), at (timestamptz).
-- Columns: service_code.
--
-- Facts are not known before the questions are answered, so a rule that demands some counts as one that may fit. The
-- kinds are asked by the very function that will route them: an offer and an answer cannot differ.
SELECT asked.service_code
FROM unnest(%(service_codes)s::text[]) AS asked (service_code)
CROSS JOIN LATERAL (
    SELECT bool_or(found.in_force AND found.in_area AND found.on_road) AS is_served,
        bool_and(found.rule_id IS NULL) AS is_nobodys
    FROM geodata_route_v1(
        %(lon)s, %(lat)s, %(area_id)s, %(city_id)s, asked.service_code, '{}', %(at)s
    ) AS found
) AS answer
WHERE answer.is_served OR answer.is_nobodys
