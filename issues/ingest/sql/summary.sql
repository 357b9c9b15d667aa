-- How many rows were read, are sound, wait for a review, had their axes set right, come without their place.
--
-- Columns: read, sound, held, corrected, unplaced, kinds (sound rows by category).
SELECT
    count(*) AS read,
    count(*) FILTER (WHERE faults = '[]') AS sound,
    count(*) FILTER (WHERE faults = '[]' AND held) AS held,
    count(*) FILTER (WHERE faults = '[]' AND corrected) AS corrected,
    count(*) FILTER (WHERE faults = '[]' AND dropped <> '') AS dropped,
    count(*) FILTER (WHERE faults = '[]' AND lon IS NULL) AS unplaced
FROM ingest_staging
