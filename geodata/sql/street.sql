-- One street of a city by its name: a spot on it where it can be routed, and the smallest area that holds all of it.
--
-- Parameters: name (as typed), city_id, at (timestamptz).
-- Columns: name (as its source writes it), lon, lat (the middle of its longest part inside the city, EPSG:4326),
--   area_id (NULL where it leaves the city's areas). No row where no street is called so.
-- A name is compared in the one spelling (`words_v1.sql`), whole; "jalan" may be left out. Roads that routing knows
-- come first, then those of the basemap; of two streets of one name all parts count.
-- Source: own; PostGIS ST_LineInterpolatePoint, ST_Covers.
WITH wanted AS (
    SELECT SPLIT_PART(geodata_words(%(name)s::text), ' / ', 1) AS whole,
        ' jalan' || SPLIT_PART(geodata_words(%(name)s::text), ' / ', 1) AS prefixed
),
named AS (
    SELECT road.name, road.geom, 0 AS source, road.id
    FROM wanted, geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = %(city_id)s AND road.layer = 'road' AND edition.valid @> %(at)s::timestamptz
        AND road.words LIKE '%%' || wanted.whole || '%%'
        AND SPLIT_PART(road.words, ' / ', 1) IN (wanted.whole, wanted.prefixed)
    UNION ALL
    SELECT road.name, road.geom, 1, road.id
    FROM wanted, geodata_basemapfeature AS road
    WHERE road.city_id = %(city_id)s AND road.kind = 'roads' AND road.name <> ''
        AND road.words LIKE '%%' || wanted.whole || '%%'
        AND SPLIT_PART(road.words, ' / ', 1) IN (wanted.whole, wanted.prefixed)
),
part AS (
    SELECT named.name, named.source, named.id, line.geom,
        ST_LineInterpolatePoint(line.geom, 0.5) AS middle, ST_Length(line.geom) AS length
    FROM named CROSS JOIN LATERAL ST_Dump(named.geom) AS line
    WHERE ST_GeometryType(line.geom) = 'ST_LineString'
),
area AS (
    SELECT area.id, area.level, area.code, area.area
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id AND edition.valid @> %(at)s::timestamptz
    WHERE area.city_id = %(city_id)s AND area.level BETWEEN 1 AND 3
)
SELECT part.name, ST_X(part.middle) AS lon, ST_Y(part.middle) AS lat,
    (
        SELECT area.id FROM area
        WHERE ST_Covers(area.area, (SELECT ST_Collect(every.geom) FROM part AS every))
        ORDER BY area.level DESC, area.code
        LIMIT 1
    ) AS area_id
FROM part
WHERE EXISTS (SELECT FROM area WHERE ST_Covers(area.area, part.middle))
ORDER BY part.source, part.length DESC, part.id
LIMIT 1
