-- Name what was found out about rows while they were being loaded.
--
-- Parameters: arrays lines, faults.
-- Columns: changed.
WITH changed AS (
    UPDATE ingest_staging AS staged
    SET faults = staged.faults || to_jsonb(found.fault)
    FROM unnest(%(lines)s::integer[], %(faults)s::text[]) AS found (line, fault)
    WHERE found.line = staged.line
    RETURNING staged.line
)
SELECT count(*) AS changed FROM changed
