-- The counts of one tile as a Mapbox Vector Tile: layer `cells`, squares with n, layer_0 to layer_4 and overdue.
--
-- Parameters: arrays cells (row * side + column), overdues, layer_0 to layer_4; side (cells across), size (of a cell, in
-- units of the tile, which is 4096 wide).
-- Columns: tile.
-- Source: Mapbox Vector Tile specification 2.1: y points to the south, outer rings have a positive area by the
-- surveyor's formula; the geometry is in the tile's own coordinates already.
WITH cell AS (
    SELECT
        ST_ForcePolygonCCW(ST_MakeEnvelope(
            cell %% %(side)s * %(size)s, cell / %(side)s * %(size)s,
            (cell %% %(side)s + 1) * %(size)s, (cell / %(side)s + 1) * %(size)s
        )) AS geom,
        layer_0 + layer_1 + layer_2 + layer_3 + layer_4 AS n, layer_0, layer_1, layer_2, layer_3, layer_4, overdue
    FROM unnest(
        %(cells)s::int[], %(overdues)s::int[], %(layer_0)s::int[], %(layer_1)s::int[], %(layer_2)s::int[],
        %(layer_3)s::int[], %(layer_4)s::int[]
    ) AS given (cell, overdue, layer_0, layer_1, layer_2, layer_3, layer_4)
)
SELECT ST_AsMVT(cell, 'cells', 4096, 'geom') AS tile FROM cell
