-- What: what a basemap draws in one tile, generalised for its zoom, in the tile's own units.
-- Columns: kind, area (whether it is to be filled), rank, name, sort, shape (GeoJSON, whole numbers; x east, y south).
-- Parameters: city (id), z, x, y (the tile), west, south, east, north (degrees: its box with the margin around it),
--   extent (units of a tile's side), margin (units), grain (units: less is not told apart), least (units: a
--   shorter line or smaller area without a name is left out), most (rows), named (last rank whose
--   names are told; without names lines join across streets).
-- Segments of one name and rank become one line, so that a name finds its place and a tile stays small.
-- Source: PostGIS ST_TileEnvelope, ST_AsMVTGeom (Mapbox Vector Tile 2.1), ST_Simplify, ST_LineMerge.
WITH inside AS (
    SELECT drawn.kind, drawn.rank, CASE WHEN drawn.rank <= %(named)s THEN drawn.name ELSE '' END AS name, drawn.sort, drawn.geom, ST_Dimension(drawn.geom) AS dimension
    FROM geodata_basemapfeature AS drawn
    WHERE drawn.city_id = %(city)s AND drawn.from_zoom <= %(z)s
        AND drawn.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
), joined AS (
    SELECT kind, dimension, rank, name, '' AS sort, ST_LineMerge(ST_CollectionExtract(ST_Collect(geom), 2)) AS geom
    FROM inside
    WHERE dimension = 1
    GROUP BY kind, dimension, rank, name
    UNION ALL
    SELECT kind, dimension, rank, name, sort, CASE WHEN kind = 'labels' THEN ST_PointOnSurface(geom) ELSE geom END
    FROM inside
    WHERE dimension <> 1
), drawn AS MATERIALIZED (
    SELECT joined.*, ST_AsMVTGeom(
        ST_Simplify(ST_Transform(geom, 3857), %(grain)s * side / %(extent)s),
        envelope, %(extent)s, %(margin)s, true
    ) AS shape
    FROM joined
    CROSS JOIN (
        SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
            ST_XMax(ST_TileEnvelope(%(z)s, 0, 0)) - ST_XMin(ST_TileEnvelope(%(z)s, 0, 0)) AS side
    ) AS tile
)
SELECT kind, dimension = 2 AND kind <> 'labels' AS area, rank, name, sort, ST_AsGeoJSON(shape, 0)::json AS shape
FROM drawn
WHERE shape IS NOT NULL AND (
    name <> '' OR kind = 'labels'
    OR GREATEST(ST_XMax(shape) - ST_XMin(shape), ST_YMax(shape) - ST_YMin(shape)) >= %(least)s
)
ORDER BY rank, ST_Length(shape) + ST_Area(shape) DESC, kind, name
LIMIT %(most)s
