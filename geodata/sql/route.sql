-- Who is responsible for an issue of one kind at one place, best answer first, with every rule that was weighed.
--
-- Parameters: lon, lat (degrees, EPSG:4326; both NULL without a point), area_id (a jurisdiction instead of a point,
-- or NULL), city_id (or NULL: the city whose area covers the point), service_code, facts (jsonb), at (timestamptz).
-- Columns: the place (one and the same in every row), then one rule; without any rule one row whose rule is NULL.
--
-- The rule itself: `migrations/sql/route_v1.sql`, a function whose plan a session keeps.
SELECT *
FROM geodata_route_v1(
    %(lon)s, %(lat)s, %(area_id)s, %(city_id)s, %(service_code)s, %(facts)s, %(at)s
)
