-- How often somebody has done something since their span began; no row where none is running.
--
-- Parameters: person (keyed hash).
-- Columns: times.
SELECT times FROM issues_pace WHERE person = %(person)s AND until >= now()
