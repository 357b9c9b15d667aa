-- Open issues that changed land may move: those whose point lies on it, and those that name an area instead of a point
-- where that area lies on it, has got another parent or is no more.
--
-- Parameters: city_id, land (EWKB, EPSG:4326, or NULL), open (status codes), at (timestamptz of the new edition).
-- Columns: id.
--
-- The land is cut small, so that the index finds the few issues on it. Cutting rounds: 1e-9 degree (0.1 mm) around
-- the pieces keeps the points on their edges; one issue too many is only asked once more.
WITH piece AS MATERIALIZED (
    SELECT ST_Subdivide(%(land)s::geometry, 8) AS geom
),
gone AS (
    SELECT area.id
    FROM geodata_jurisdiction AS area
    LEFT JOIN (
        geodata_jurisdiction AS heir
        JOIN geodata_edition AS edition ON edition.id = heir.edition_id AND edition.valid @> %(at)s::timestamptz
    ) ON heir.city_id = area.city_id AND heir.level = area.level AND heir.code = area.code
    WHERE area.city_id = %(city_id)s
        AND (
            heir.id IS NULL
            OR heir.parent_code <> area.parent_code
            OR EXISTS (SELECT FROM piece WHERE ST_Intersects(area.area, piece.geom))
        )
)
SELECT issue.id
FROM piece
JOIN issues_issue AS issue ON ST_DWithin(issue.point, piece.geom, 1e-9)
WHERE issue.city_id = %(city_id)s
    AND issue.status = ANY(%(open)s)
UNION
SELECT issue.id
FROM issues_issue AS issue
WHERE issue.city_id = %(city_id)s
    AND issue.status = ANY(%(open)s)
    AND issue.point IS NULL
    AND issue.jurisdiction_id IN (SELECT gone.id FROM gone)
ORDER BY id
