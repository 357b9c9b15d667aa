-- What: land, water and streets around a place as flat shapes in the pixels of a picture (x right, y down).
-- Columns: layer (beyond, land, green, water, roads), rank (of a road: 0 the greatest), area (to be filled),
--   shape (GeoJSON, whole numbers).
-- Parameters: city (id), lon, lat (degrees: the middle), width, height (pixels), scale (metres of EPSG:3857 a pixel),
--   villages (number of that level), classes (of roads, in their order of rank), zoom (of the basemap's tiles), most (rows).
-- Source: PostGIS ST_ClipByBox2D, ST_Affine, ST_Simplify; OGC Simple Features.
WITH middle AS (
    SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), 3857) AS spot
), frame AS (
    SELECT ST_X(spot) - %(width)s * %(scale)s / 2.0 AS west, ST_Y(spot) + %(height)s * %(scale)s / 2.0 AS north,
        ST_Expand(spot, %(width)s * %(scale)s / 1.9, %(height)s * %(scale)s / 1.9) AS box
    FROM middle
), bounds AS MATERIALIZED (
    SELECT west, north, box, ST_Envelope(ST_Transform(box, 4326)) AS degrees FROM frame
), found AS (
    SELECT CASE area.level WHEN %(villages)s THEN 'land' ELSE 'beyond' END AS layer, 0 AS rank, area.area AS geom
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %(city)s AND area.level IN (0, %(villages)s) AND edition.valid @> now()
        AND area.area && (SELECT degrees FROM bounds)
    UNION ALL
    SELECT 'roads', array_position(%(classes)s, road.road_class::text) - 1, road.geom
    FROM geodata_asset AS road
    JOIN geodata_edition AS edition ON edition.id = road.edition_id
    WHERE road.city_id = %(city)s AND road.layer = 'road' AND edition.valid @> now()
        AND (road.valid IS NULL OR road.valid @> CURRENT_DATE)
        AND road.geom && (SELECT degrees FROM bounds)
    UNION ALL
    SELECT drawn.kind, drawn.rank, drawn.geom
    FROM geodata_basemapfeature AS drawn
    WHERE drawn.city_id = %(city)s AND drawn.kind IN ('land', 'green', 'water', 'roads')
        AND drawn.from_zoom <= %(zoom)s AND drawn.geom && (SELECT degrees FROM bounds)
), drawn AS (
    SELECT layer, COALESCE(rank, 9) AS rank, ST_Dimension(geom) = 2 AS area,
        ST_ClipByBox2D(ST_Transform(geom, 3857), (SELECT box FROM bounds)) AS geom
    FROM found
    ORDER BY rank
    LIMIT %(most)s
)
SELECT layer, rank, area, ST_AsGeoJSON(
    ST_Simplify(
        ST_Affine(geom, 1 / %(scale)s, 0, 0, -1 / %(scale)s, -west / %(scale)s, north / %(scale)s), 0.5
    ), 1
)::json AS shape
FROM drawn, bounds
WHERE NOT ST_IsEmpty(geom)
