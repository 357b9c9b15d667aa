-- What: streets and areas of one city whose name has every word that was asked for (each may be unfinished).
-- Columns: kind (`street` or `area`), name, detail (area around it), lon, lat (a point on it), box (W, S, E, N).
-- Parameters: city (id), patterns (LIKE patterns of the plain words), most (rows to weigh).
-- A name is plain when it is small letters, digits and single blanks, as `geodata.streets.plain` makes it.
-- Source: own; PostGIS ST_PointOnSurface, ST_Covers.
WITH named AS (
    SELECT 'street' AS kind, road.name, road.geom AS shape, '' AS parent_code
    FROM geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = %(city)s AND road.layer = 'road' AND road.name <> '' AND edition.valid @> now()
    UNION ALL
    SELECT 'area', BTRIM(INITCAP(area.kind) || ' ' || area.name), area.area, area.parent_code
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city)s AND area.level > 1 AND edition.valid @> now()
), matching AS (
    SELECT kind, name, ST_Collect(shape) AS shape
    FROM named
    CROSS JOIN LATERAL (
        SELECT ' ' || REGEXP_REPLACE(
            LOWER(REGEXP_REPLACE(REGEXP_REPLACE(name, '\.(\w\w)', ' \1', 'g'), '[.''’]', '', 'g')),
            '[^a-z0-9]+', ' ', 'g'
        ) AS words
    ) AS plain
    WHERE plain.words LIKE ALL(%(patterns)s)
    GROUP BY kind, name, parent_code
    ORDER BY LENGTH(name), name
    LIMIT %(most)s
)
SELECT matching.kind, matching.name, COALESCE(around.name, '') AS detail,
       ST_X(spot) AS lon, ST_Y(spot) AS lat,
       ARRAY[ST_XMin(shape), ST_YMin(shape), ST_XMax(shape), ST_YMax(shape)] AS box
FROM matching
CROSS JOIN LATERAL ST_PointOnSurface(shape) AS spot
LEFT JOIN LATERAL (
    SELECT BTRIM(INITCAP(area.kind) || ' ' || area.name) AS name
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city)s AND edition.valid @> now() AND ST_Covers(area.area, spot)
      AND area.level = CASE WHEN matching.kind = 'street' THEN 3 ELSE 2 END
    ORDER BY area.code
    LIMIT 1
) AS around ON around.name <> matching.name
ORDER BY matching.kind DESC, LENGTH(matching.name), matching.name
