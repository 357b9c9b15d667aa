-- The issues of one tile as a Mapbox Vector Tile: layer `issues`, points with number, layer, category, overdue.
--
-- Parameters: arrays numbers, layers, categories, overdues, xs, ys (0 to 4095 in the tile, y to the south).
-- Columns: tile.
-- Source: Mapbox Vector Tile specification 2.1; the geometry is in the tile's own coordinates already.
WITH issue AS (
    SELECT ST_Point(x, y) AS geom, number, layer, category, overdue
    FROM unnest(
        %(numbers)s::text[], %(layers)s::int[], %(categories)s::int[], %(overdues)s::boolean[], %(xs)s::int[],
        %(ys)s::int[]
    ) AS given (number, layer, category, overdue, x, y)
)
SELECT ST_AsMVT(issue, 'issues', 4096, 'geom') AS tile FROM issue
