-- The areas of a proposal as GeoJSON geometries, thinned for the screen, invalid ones as they were drawn.
--
-- Parameters: draft (id).
-- Columns: code, name, shape.
SELECT area.code, area.name,
    ST_AsGeoJSON(
        CASE WHEN ST_IsValid(area.area) THEN ST_SimplifyPreserveTopology(area.area, 0.00002) ELSE area.area END, 6
    )::json AS shape
FROM geodata_draftarea AS area
WHERE area.draft_id = %(draft)s
ORDER BY area.code, area.id
