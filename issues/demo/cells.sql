-- The areas of the demo: the land of an outline, cut into the parts nearest to each code's centres.
--
-- All lines (outline and Voronoi edges) are noded together before they are polygonised, so neighbours
-- share their vertices to the last bit: no gap, no overlap, and unions of cells nest exactly. A part
-- that the outline cuts off goes to the nearest centre as well.
--
-- Parameters: outline (WKT of a polygon), codes (text[]), lons and lats (float8[], degrees, same
-- order), all EPSG:4326; nearness is measured in degrees, which is near enough for a drawn map.
-- Columns: code, area (EWKB of a multipolygon, hexadecimal), in the order of the codes.
WITH land AS (
    SELECT ST_GeomFromText(%(outline)s, 4326) AS geom
),
centre AS (
    SELECT code, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom
    FROM unnest(%(codes)s::text[], %(lons)s::float8[], %(lats)s::float8[]) AS given (code, lon, lat)
),
edges AS (
    SELECT ST_VoronoiLines(
        (SELECT ST_Collect(centre.geom) FROM centre), 0, ST_Expand(land.geom, 0.1)
    ) AS geom
    FROM land
),
lines AS (
    SELECT ST_UnaryUnion(ST_Collect(ST_Boundary(land.geom), edges.geom)) AS geom
    FROM land, edges
),
faces AS (
    SELECT (ST_Dump(ST_Polygonize(lines.geom))).geom FROM lines
),
owned AS (
    SELECT
        faces.geom,
        (
            SELECT centre.code FROM centre
            ORDER BY ST_Distance(centre.geom, ST_PointOnSurface(faces.geom)), centre.code
            LIMIT 1
        ) AS code
    FROM faces, land
    WHERE ST_Covers(land.geom, ST_PointOnSurface(faces.geom))
)
SELECT code, ST_Multi(ST_Union(geom)) AS area
FROM owned
GROUP BY code
ORDER BY code
