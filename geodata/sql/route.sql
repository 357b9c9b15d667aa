-- Who is responsible for an issue of one kind at one place, best answer first, with every rule that was weighed.
--
-- Parameters: lon, lat (degrees, EPSG:4326; both NULL without a point), area_id (a jurisdiction instead of a point,
-- or NULL), city_id (or NULL: the city whose area covers the point), service_code, facts (jsonb), at (timestamptz).
-- Columns: the place (one and the same in every row), then one rule; without any rule one row whose rule is NULL.
--
-- Order (the first row that fits is the answer): fits, not a fallback, priority, depth of the place (special area,
-- road, village, district, whole city), number of facts, smaller special area, nearer road, longer service code,
-- rule code. Codes are unique, so there is no tie. A point on an edge belongs to the area with the smallest code.
--
-- Source: DESIGN section 3; ST_Covers, not ST_Contains: a point on the edge belongs to somebody.
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point
),
covering AS (
    SELECT DISTINCT ON (area.city_id, area.level, CASE WHEN area.level = 4 THEN area.code END)
        area.*
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE edition.valid @> %(at)s::timestamptz
        AND (%(city_id)s::bigint IS NULL OR area.city_id = %(city_id)s::bigint)
        AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326))
    ORDER BY area.city_id, area.level, CASE WHEN area.level = 4 THEN area.code END, area.code
),
named AS (
    SELECT area.*
    FROM geodata_jurisdiction AS area
    WHERE area.id = %(area_id)s::bigint
    UNION ALL
    SELECT parent.*
    FROM geodata_jurisdiction AS area
    JOIN geodata_jurisdiction AS parent
        ON parent.city_id = area.city_id AND parent.code = area.parent_code
    JOIN geodata_edition AS edition ON edition.id = parent.edition_id AND edition.valid @> %(at)s::timestamptz
    WHERE area.id = %(area_id)s::bigint
),
here AS (
    SELECT * FROM covering WHERE level > 0
    UNION ALL
    SELECT * FROM named
),
city AS (
    SELECT city.*
    FROM geodata_city AS city
    WHERE city.id = coalesce(
        %(city_id)s::bigint,
        (SELECT city_id FROM here ORDER BY level DESC, city_id LIMIT 1)
    )
),
home AS (
    SELECT here.*
    FROM here JOIN city ON city.id = here.city_id
    WHERE here.level BETWEEN 1 AND 3
    ORDER BY here.level DESC
    LIMIT 1
),
edge AS (
    SELECT ST_Distance(
        ST_Transform(ST_Boundary(home.area), city.metric_srid::int),
        ST_Transform(asked.point, city.metric_srid::int)
    ) AS edge_m
    FROM home, city, asked
),
road AS (
    SELECT
        road.id, road.name, road.road_class,
        round(ST_Distance(
            ST_Transform(road.geom, city.metric_srid::int), ST_Transform(asked.point, city.metric_srid::int)
        )::numeric, 3)::float8 AS distance_m
    FROM asked, city, geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = city.id
        AND road.layer = 'road'
        AND edition.valid @> %(at)s::timestamptz
        AND (road.valid IS NULL OR road.valid @> (%(at)s::timestamptz AT TIME ZONE city.zone)::date)
        -- a constant box serves the index; 0.002 degree (220 m) is wider than any rule and enough to name a street
        AND road.geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326), 0.002)
    -- roads meet: of two that are equally near (to the millimetre) the older row counts
    ORDER BY distance_m, road.id
    LIMIT 1
),
weighed AS (
    SELECT
        rule.*,
        department.code AS department_code,
        department.name AS department_name,
        department.short_name AS department_short,
        area.id AS area_id,
        area.name AS area_name,
        ST_Area(area.area) AS area_size,
        (rule.valid IS NULL OR rule.valid @> (%(at)s::timestamptz AT TIME ZONE city.zone)::date) AS in_force,
        CASE
            WHEN rule.level IS NULL THEN %(lon)s::float8 IS NULL OR EXISTS (SELECT FROM here)
            ELSE area.id IS NOT NULL
        END AS in_area,
        (rule.road_class = '' OR (
            EXISTS (
                SELECT FROM road WHERE road.road_class = rule.road_class AND road.distance_m <= rule.within_m
            )
        )) AS on_road,
        (rule.facts <@ %(facts)s::jsonb) AS facts_hold
    FROM geodata_routingrule AS rule
    JOIN city ON city.id = rule.city_id
    JOIN geodata_department AS department ON department.id = rule.department_id
    LEFT JOIN here AS area
        ON area.city_id = rule.city_id AND area.level = rule.level AND area.code = rule.area_code
    WHERE rule.active
        AND department.active
        AND (
            rule.service_code IN ('', %(service_code)s)
            -- codes are paths: `lpju` holds `lpju-mati`
            OR starts_with(%(service_code)s, rule.service_code || '-')
        )
)
SELECT
    city.id AS city_id,
    city.slug AS city_slug,
    EXISTS (SELECT FROM here) AS covered,
    home.id AS home_id,
    home.level AS home_level,
    home.code AS home_code,
    home.name AS home_name,
    home.kind AS home_kind,
    home.parent_code AS home_parent,
    home.edition_id AS edition_id,
    edge.edge_m,
    road.name AS road_name,
    road.road_class AS nearest_road_class,
    road.distance_m AS road_m,
    weighed.id AS rule_id,
    weighed.code AS rule_code,
    weighed.service_code AS rule_service_code,
    weighed.explanation,
    weighed.explanation_en,
    weighed.department_id,
    weighed.department_code,
    weighed.department_name,
    weighed.department_short,
    weighed.level AS rule_level,
    weighed.area_code AS rule_area_code,
    weighed.area_name AS rule_area_name,
    weighed.road_class AS rule_road_class,
    weighed.within_m,
    weighed.facts AS rule_facts,
    weighed.fallback,
    weighed.priority,
    weighed.in_force,
    weighed.in_area,
    weighed.on_road,
    weighed.facts_hold,
    coalesce(weighed.in_force AND weighed.in_area AND weighed.on_road AND weighed.facts_hold, false) AS fits
FROM asked
LEFT JOIN city ON true
LEFT JOIN home ON true
LEFT JOIN edge ON true
LEFT JOIN road ON true
LEFT JOIN weighed ON true
ORDER BY
    fits DESC,
    weighed.fallback,
    weighed.priority DESC,
    CASE
        WHEN weighed.level = 4 THEN 4.5
        WHEN weighed.road_class <> '' THEN 3.5
        ELSE coalesce(weighed.level, 0)
    END DESC,
    (SELECT count(*) FROM jsonb_object_keys(weighed.facts)) DESC,
    CASE WHEN weighed.level = 4 THEN weighed.area_size END,
    length(weighed.service_code) DESC,
    weighed.code
