-- Name the rows whose external id stands in the file before them; the first one counts.
--
-- Parameters: code and words of the fault (the words end where the line follows).
-- Columns: changed.
WITH counted AS (
    SELECT ctid AS row, min(line) OVER same AS first, row_number() OVER (same ORDER BY line) AS place
    FROM ingest_staging
    WHERE external_id <> ''
    WINDOW same AS (PARTITION BY external_id)
),
changed AS (
    UPDATE ingest_staging AS staged
    SET faults = staged.faults || to_jsonb(%(code)s::text || chr(31) || %(words)s::text || counted.first)
    FROM counted
    WHERE counted.row = staged.ctid AND counted.place > 1
    RETURNING staged.line
)
SELECT count(*) AS changed FROM changed
