-- Take keys for new issues.
--
-- Parameters: count.
-- Columns: id.
SELECT nextval(pg_get_serial_sequence('issues_issue', 'id')) AS id
FROM generate_series(1, %(count)s)
