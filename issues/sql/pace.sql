-- How often somebody has done something since their span began, this time counted; spans that are over make room.
--
-- Parameters: person (keyed hash), span (seconds), by (how much this time counts).
-- Columns: times.
WITH over AS (
    DELETE FROM issues_pace
    WHERE person IN (
        SELECT person FROM issues_pace
        WHERE until < now() AND person <> %(person)s
        LIMIT 20
        FOR UPDATE SKIP LOCKED
    )
)
INSERT INTO issues_pace AS pace (person, until, times)
VALUES (%(person)s, now() + make_interval(secs => %(span)s), %(by)s)
ON CONFLICT (person) DO UPDATE SET
    times = CASE WHEN pace.until < now() THEN excluded.times ELSE LEAST(pace.times, 1000000000) + excluded.times END,
    until = CASE WHEN pace.until < now() THEN excluded.until ELSE pace.until END
RETURNING times
