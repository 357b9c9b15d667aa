-- Who is responsible for an issue of one kind at one place, best answer first, with every rule that was weighed.
--
-- Parameters: lon, lat (degrees, EPSG:4326; both NULL without a point), named_id (a jurisdiction instead of a point,
-- or NULL), asked_city (or NULL: the city whose area covers the point), asked_code (service code), said (facts),
-- instant (whose editions and rules count).
-- Columns: the place (one and the same in every row), then one rule; without any rule one row whose rule is NULL.
--
-- Order (the first row that fits is the answer): fits, not a fallback, priority, depth of the place (special area,
-- road, village, district, whole city), number of facts, smaller special area, nearer road, longer service code,
-- rule code. Codes are unique, so there is no tie. A point on an edge belongs to the area with the smallest code.
--
-- A function, because planning this took half of its time: a session plans it once. `geodata.bulk` says the same in
-- arrays, and a test compares the two.
--
-- Source: DESIGN section 3; ST_Covers, not ST_Contains: a point on the edge belongs to somebody.
CREATE FUNCTION geodata_route_v1(
    lon float8, lat float8, named_id bigint, asked_city bigint, asked_code text, said jsonb, instant timestamptz
) RETURNS TABLE (
    city_id bigint, covered boolean,
    home_id bigint, home_level smallint, home_code varchar, home_name varchar, home_kind varchar, home_parent varchar,
    edition_id bigint, edge_m float8,
    road_name varchar, nearest_road_class varchar, road_m float8,
    rule_id bigint, rule_code varchar, rule_service_code varchar, explanation varchar, explanation_en varchar,
    department_id bigint, department_code varchar, department_name varchar, department_short varchar,
    rule_area_code varchar, rule_road_class varchar, within_m smallint, fallback boolean, priority smallint,
    in_force boolean, in_area boolean, on_road boolean, facts_hold boolean, fits boolean
)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    point geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
BEGIN
RETURN QUERY
WITH covering AS (
    SELECT DISTINCT ON (area.city_id, area.level, CASE WHEN area.level = 4 THEN area.code END)
        area.id, area.city_id, area.level, area.code, area.name, area.kind, area.parent_code, area.edition_id,
        CASE WHEN area.level = 4 THEN ST_Area(area.area) END AS size
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE edition.valid @> instant
        AND area.level > 0
        AND (asked_city IS NULL OR area.city_id = asked_city)
        AND ST_Covers(area.area, point)
    ORDER BY area.city_id, area.level, CASE WHEN area.level = 4 THEN area.code END, area.code, area.id
),
named AS (
    SELECT area.id, area.city_id, area.level, area.code, area.name, area.kind, area.parent_code, area.edition_id,
        CASE WHEN area.level = 4 THEN ST_Area(area.area) END
    FROM geodata_jurisdiction AS area
    WHERE area.id = named_id
    UNION ALL
    SELECT parent.id, parent.city_id, parent.level, parent.code, parent.name, parent.kind, parent.parent_code,
        parent.edition_id, CASE WHEN parent.level = 4 THEN ST_Area(parent.area) END
    FROM geodata_jurisdiction AS area
    JOIN geodata_jurisdiction AS parent ON parent.city_id = area.city_id AND parent.code = area.parent_code
    JOIN geodata_edition AS edition ON edition.id = parent.edition_id AND edition.valid @> instant
    WHERE area.id = named_id
),
here AS MATERIALIZED (
    SELECT * FROM covering
    UNION ALL
    SELECT * FROM named
),
city AS MATERIALIZED (
    SELECT city.id, city.metric_srid::int, (instant AT TIME ZONE city.zone)::date AS today,
        ST_Transform(point, city.metric_srid::int) AS metric
    FROM geodata_city AS city
    WHERE city.id = coalesce(asked_city, (SELECT here.city_id FROM here ORDER BY here.level DESC, here.city_id LIMIT 1))
),
home AS MATERIALIZED (
    SELECT here.*
    FROM here JOIN city ON city.id = here.city_id
    WHERE here.level BETWEEN 1 AND 3
    ORDER BY here.level DESC
    LIMIT 1
),
edge AS (
    SELECT ST_Distance(area.metric_border, city.metric) AS edge_m
    FROM home JOIN geodata_jurisdiction AS area ON area.id = home.id CROSS JOIN city
),
-- roads meet: of two that are equally near (to the millimetre) the older row counts. First how near the nearest is,
-- by the index alone; then all that are so near
paved AS MATERIALIZED (
    SELECT edition.id, city.metric, city.today,
        (
            SELECT road.metric <-> city.metric
            FROM geodata_asset AS road
            WHERE road.layer = 'road' AND road.edition_id = edition.id
                AND (road.valid IS NULL OR road.valid @> city.today)
            ORDER BY road.metric <-> city.metric
            LIMIT 1
        ) AS least
    FROM city
    JOIN geodata_edition AS edition ON edition.city_id = city.id
    WHERE edition.layer = 'road' AND edition.valid @> instant
),
road AS MATERIALIZED (
    SELECT road.id, road.name, road.road_class, road.distance_m
    FROM (
        SELECT road.id, road.name, road.road_class,
            round(ST_Distance(road.metric, paved.metric)::numeric, 3)::float8 AS distance_m
        FROM paved
        JOIN geodata_asset AS road ON road.edition_id = paved.id
            AND ST_DWithin(road.metric, paved.metric, paved.least + 0.001)
        WHERE paved.least < 110000 * cos(radians(lat)) * 0.002
            AND road.layer = 'road'
            AND (road.valid IS NULL OR road.valid @> paved.today)
        UNION ALL
        -- a box of 0.002 degree (220 m) is wider than any rule and enough to name a street; what is nearer than its
        -- half side lies in it, so only a place far from roads asks for the box
        SELECT road.id, road.name, road.road_class,
            round(ST_Distance(road.metric, paved.metric)::numeric, 3)::float8
        FROM paved
        JOIN geodata_asset AS road ON road.edition_id = paved.id
        WHERE paved.least >= 110000 * cos(radians(lat)) * 0.002
            AND road.layer = 'road'
            AND (road.valid IS NULL OR road.valid @> paved.today)
            AND road.geom && ST_Expand(point, 0.002)
    ) AS road
    ORDER BY road.distance_m, road.id
    LIMIT 1
),
weighed AS (
    SELECT
        rule.*,
        department.code AS department_code, department.name AS department_name, department.short_name AS department_short,
        area.size,
        (rule.valid IS NULL OR rule.valid @> city.today) AS in_force,
        CASE WHEN rule.level IS NULL THEN lon IS NULL OR EXISTS (SELECT FROM here) ELSE area.id IS NOT NULL END AS in_area,
        (rule.road_class = '' OR EXISTS (
            SELECT FROM road WHERE road.road_class = rule.road_class AND road.distance_m <= rule.within_m
        )) AS on_road,
        (rule.facts <@ said) AS facts_hold
    FROM geodata_routingrule AS rule
    JOIN city ON city.id = rule.city_id
    JOIN geodata_department AS department ON department.id = rule.department_id
    LEFT JOIN here AS area ON area.city_id = rule.city_id AND area.level = rule.level AND area.code = rule.area_code
    WHERE rule.active
        AND department.active
        -- codes are paths: `lpju` holds `lpju-mati`
        AND (rule.service_code = '' OR rule.service_code = asked_code OR starts_with(asked_code, rule.service_code || '-'))
)
SELECT
    city.id, EXISTS (SELECT FROM here),
    home.id, home.level, home.code, home.name, home.kind, home.parent_code, home.edition_id, edge.edge_m,
    road.name, road.road_class, road.distance_m,
    weighed.id, weighed.code, weighed.service_code, weighed.explanation, weighed.explanation_en,
    weighed.department_id, weighed.department_code, weighed.department_name, weighed.department_short,
    weighed.area_code, weighed.road_class, weighed.within_m, weighed.fallback, weighed.priority,
    weighed.in_force, weighed.in_area, weighed.on_road, weighed.facts_hold,
    coalesce(weighed.in_force AND weighed.in_area AND weighed.on_road AND weighed.facts_hold, false) AS fits
FROM (SELECT) AS asked
LEFT JOIN city ON true
LEFT JOIN home ON true
LEFT JOIN edge ON true
LEFT JOIN road ON true
LEFT JOIN weighed ON true
ORDER BY
    fits DESC, weighed.fallback, weighed.priority DESC,
    CASE WHEN weighed.level = 4 THEN 4.5 WHEN weighed.road_class <> '' THEN 3.5 ELSE coalesce(weighed.level, 0) END DESC,
    (SELECT count(*) FROM jsonb_object_keys(weighed.facts)) DESC,
    weighed.size,
    length(weighed.service_code) DESC,
    weighed.code;
END
$$;
