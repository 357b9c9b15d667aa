-- What: the squares of one zoom that hold land of an edition's areas, and how much.
-- Columns: x, y (tile coordinates), land_m2, cell_m2 (both on the ellipsoid), code (of the area with most of it).
-- Parameters: edition (id), zoom, mercator and wgs84 (SRIDs).
-- Shares are taken on the plane of the tiles, whose scale is the same all over one small square.
-- Source: OGC Two Dimensional Tile Matrix Set 2.0, annex D.1; PostGIS ST_TileEnvelope, geography ST_Area.
WITH world AS (
    SELECT ST_XMax(square) AS half, 2 * ST_XMax(square) / (1 << %(zoom)s::int) AS side
    FROM ST_TileEnvelope(0, 0, 0) AS square
), piece AS (
    SELECT area.code, ST_Subdivide(ST_Transform(area.area, %(mercator)s::int), 64) AS geom
    FROM geodata_jurisdiction AS area
    WHERE area.edition_id = %(edition)s
), clipped AS (
    SELECT piece.code, x, y, square, ST_Area(ST_Intersection(piece.geom, square)) / ST_Area(square) AS share
    FROM piece
    CROSS JOIN world
    CROSS JOIN LATERAL generate_series(
        FLOOR((ST_XMin(piece.geom) + half) / side)::int, FLOOR((ST_XMax(piece.geom) + half) / side)::int
    ) AS x
    CROSS JOIN LATERAL generate_series(
        FLOOR((half - ST_YMax(piece.geom)) / side)::int, FLOOR((half - ST_YMin(piece.geom)) / side)::int
    ) AS y
    CROSS JOIN LATERAL ST_TileEnvelope(%(zoom)s::int, x, y) AS square
), owned AS (
    SELECT x, y, square, code, SUM(share) AS share
    FROM clipped
    WHERE share > 0
    GROUP BY x, y, square, code
), cell AS (
    SELECT x, y, square, LEAST(SUM(share), 1) AS share, (ARRAY_AGG(code ORDER BY share DESC, code))[1] AS code
    FROM owned
    GROUP BY x, y, square
)
SELECT x, y, share * size AS land_m2, size AS cell_m2, code
FROM cell
CROSS JOIN LATERAL ST_Area(ST_Transform(square, %(wgs84)s::int)::geography) AS size
ORDER BY y, x
