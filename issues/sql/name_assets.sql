-- Tie an issue to the things that it names; a code that the city's map does not know ties nothing.
--
-- Parameters: issue_id, city_id, codes (text[]), at (timestamptz, whose editions count).
-- Columns: layer, code of each tie.
-- Only layers that some question of the city asks for: nobody reports a segment of road by its code.
INSERT INTO issues_issueasset (issue_id, city_id, layer, code)
SELECT DISTINCT %(issue_id)s::bigint, asset.city_id, asset.layer, asset.code
FROM geodata_asset AS asset
JOIN geodata_edition AS edition ON edition.id = asset.edition_id AND edition.valid @> %(at)s::timestamptz
WHERE asset.city_id = %(city_id)s AND asset.code = ANY(%(codes)s)
    AND asset.layer IN (
        SELECT question.layer
        FROM issues_question AS question
        JOIN issues_category AS category ON category.id = question.category_id
        WHERE category.city_id = %(city_id)s AND question.kind = 'asset' AND question.active
    )
ORDER BY asset.layer, asset.code
ON CONFLICT DO NOTHING
RETURNING layer, code
