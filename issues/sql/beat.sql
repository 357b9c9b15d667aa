-- Remember that somebody has an issue open; whoever was away for longer than a span comes anew. Those that are over make
-- room.
--
-- Parameters: issue, person (keys), at (instant), span (seconds).
-- Columns: since.
WITH over AS (
    DELETE FROM issues_presence
    WHERE id IN (
        SELECT id FROM issues_presence
        WHERE at < %(at)s - interval '1 hour'
        ORDER BY at
        LIMIT 20
        FOR UPDATE SKIP LOCKED
    )
)
INSERT INTO issues_presence AS presence (issue_id, user_id, since, at)
VALUES (%(issue)s, %(person)s, %(at)s, %(at)s)
ON CONFLICT (issue_id, user_id) DO UPDATE SET
    since = CASE
        WHEN presence.at < excluded.at - make_interval(secs => %(span)s) THEN excluded.since
        ELSE presence.since
    END,
    at = greatest(presence.at, excluded.at)
RETURNING since
