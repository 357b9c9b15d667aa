-- What: streets, waters, landmarks and areas of one city by name, best first; one row a street (or water) and area.
-- Columns: kind (area, landmark, street, water), name, detail (area around it), sort (what a landmark is),
--   approximate (its place), lon, lat (a point on it), box (W, S, E, N).
-- Parameters: city (id), fuzzy (false: every word asked for is there; true: what looks alike), longest and patterns
--   (LIKE patterns of the words), squeezed (pattern of the name in one word), core (the words without prefix),
--   typed (street or area or empty: what the prefix that was typed speaks of), lead (that prefix), most (rows).
-- Segments of one name within some 300 m of each other are one street; two streets of one name may lie far apart.
-- Alike is what shares half of its letters' threes; the first line holds for this query only.
-- Source: own; PostgreSQL pg_trgm (word similarity), PostGIS ST_ClusterDBSCAN, ST_PointOnSurface, ST_Covers.
SET LOCAL pg_trgm.word_similarity_threshold = 0.5;
WITH named AS (
    SELECT 'street' AS kind, road.name, road.words, '' AS sort, false AS approximate, road.geom AS shape,
        CASE road.road_class WHEN 'toll' THEN 0 WHEN 'national' THEN 0 WHEN 'province' THEN 1 WHEN 'city' THEN 3
            ELSE 4 END AS rank
    FROM geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = %(city)s AND road.layer = 'road' AND edition.valid @> now() AND (
        NOT %(fuzzy)s AND (road.words LIKE %(longest)s OR road.words LIKE %(squeezed)s)
        OR %(fuzzy)s AND %(core)s <%% road.words
    )
    UNION ALL
    SELECT CASE drawn.kind WHEN 'roads' THEN 'street' WHEN 'water' THEN 'water' ELSE 'landmark' END,
        drawn.name, drawn.words, CASE WHEN drawn.kind IN ('roads', 'water') THEN '' ELSE drawn.sort END, false,
        drawn.geom, drawn.rank
    FROM geodata_basemapfeature AS drawn
    WHERE drawn.city_id = %(city)s AND drawn.name <> '' AND (
        NOT %(fuzzy)s AND (drawn.words LIKE %(longest)s OR drawn.words LIKE %(squeezed)s)
        OR %(fuzzy)s AND %(core)s <%% drawn.words
    )
    UNION ALL
    SELECT 'landmark', mark.name, mark.words, mark.kind, mark.approximate, mark.point, 0
    FROM geodata_landmark AS mark
    WHERE mark.city_id = %(city)s AND mark.active AND (
        NOT %(fuzzy)s AND (mark.words LIKE %(longest)s OR mark.words LIKE %(squeezed)s)
        OR %(fuzzy)s AND %(core)s <%% mark.words
    )
    UNION ALL
    SELECT 'area', BTRIM(INITCAP(area.kind) || ' ' || area.name), plain.words, area.parent_code, false, area.area,
        area.level
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    CROSS JOIN LATERAL (SELECT geodata_words(area.kind || ' ' || area.name) AS words OFFSET 0) AS plain
    WHERE area.city_id = %(city)s AND area.level > 1 AND edition.valid @> now() AND (
        NOT %(fuzzy)s AND (plain.words LIKE %(longest)s OR plain.words LIKE %(squeezed)s)
        OR %(fuzzy)s AND %(core)s <%% plain.words
    )
), matching AS (
    SELECT named.*, plain.whole, plain.core,
        CASE WHEN %(fuzzy)s THEN word_similarity(%(core)s, words) ELSE 1 END AS alike
    FROM named
    CROSS JOIN LATERAL (
        SELECT SPLIT_PART(words, ' / ', 1) AS whole,
            REGEXP_REPLACE(
                SPLIT_PART(words, ' / ', 1), '^ (jalan (?=.)|raya (?=.)|kelurahan |desa |kecamatan |kawasan )+', ' '
            ) AS core
    ) AS plain
    WHERE %(fuzzy)s OR words LIKE ALL(%(patterns)s) OR words LIKE %(squeezed)s
    ORDER BY alike DESC, LENGTH(plain.core), rank
    LIMIT 600
), placed AS (
    SELECT *, CASE WHEN kind IN ('street', 'water')
        THEN ST_ClusterDBSCAN(shape, eps => 0.003, minpoints => 1) OVER (PARTITION BY kind, core) END AS part
    FROM matching
), whole AS (
    SELECT kind, core, (ARRAY_AGG(name ORDER BY name !~* '^(jalan|gang|tukad)', LENGTH(name) DESC, name))[1] AS name,
        MIN(whole) AS whole, MIN(rank) AS rank, MAX(alike) AS alike, MIN(sort) AS sort,
        BOOL_AND(approximate) AS approximate, ST_Collect(shape) AS shape
    FROM placed
    GROUP BY kind, core, part, CASE WHEN kind IN ('street', 'water') THEN '' ELSE sort || name END
    ORDER BY alike DESC, LENGTH(core), MIN(rank)
    LIMIT 4 * %(most)s
), told AS (
    SELECT whole.*, spot, COALESCE(around.name, '') AS detail
    FROM whole
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(shape) AS spot OFFSET 0) AS on_it
    LEFT JOIN LATERAL (
        SELECT BTRIM(INITCAP(area.kind) || ' ' || area.name) AS name
        FROM geodata_jurisdiction AS area
        JOIN geodata_edition AS edition ON edition.id = area.edition_id
        WHERE area.city_id = %(city)s AND edition.valid @> now() AND ST_Covers(area.area, spot)
          AND area.level = CASE whole.kind WHEN 'area' THEN 2 ELSE 3 END
        ORDER BY area.code
        LIMIT 1
    ) AS around ON around.name <> whole.name
), single AS (
    SELECT kind, core, detail, MIN(name) AS name, MIN(whole) AS whole, MIN(rank) AS rank, MAX(alike) AS alike,
        MIN(sort) AS sort, BOOL_AND(approximate) AS approximate,
        (ARRAY_AGG(spot ORDER BY ST_Length(shape) DESC))[1] AS spot, ST_Collect(shape) AS shape
    FROM told
    GROUP BY kind, core, detail, CASE WHEN kind IN ('street', 'water') THEN '' ELSE sort || name END
)
SELECT kind, name, detail, CASE kind WHEN 'landmark' THEN sort ELSE '' END AS sort, approximate,
    ST_X(spot) AS lon, ST_Y(spot) AS lat,
    ARRAY[ST_XMin(shape), ST_YMin(shape), ST_XMax(shape), ST_YMax(shape)] AS box
FROM single
ORDER BY alike DESC,
    %(typed)s <> '' AND kind <> %(typed)s,
    core <> %(core)s,
    %(lead)s <> '' AND NOT STARTS_WITH(whole, ' ' || %(lead)s),
    NOT STARTS_WITH(core, %(core)s),
    ARRAY_POSITION(ARRAY['area', 'landmark', 'street', 'water'], kind),
    rank, LENGTH(name), ST_Length(shape) DESC, name, detail
LIMIT %(most)s
