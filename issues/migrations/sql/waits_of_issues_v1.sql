-- For whom each issue has waited, told from its events as `issues.history.waits` tells it.
WITH steps AS (
    SELECT issue_id, seq, step, status, at, lag(status) OVER past AS before
    FROM issues_event
    WINDOW past AS (PARTITION BY issue_id ORDER BY seq)
),
moves AS (
    SELECT issue_id, step, status, before, at,
        GREATEST(0, trunc(EXTRACT(epoch FROM at - lag(at) OVER past)))::int AS stood
    FROM steps
    WHERE before IS DISTINCT FROM status
    WINDOW past AS (PARTITION BY issue_id ORDER BY seq)
),
told AS (
    SELECT issue_id,
        max(at) AS stood_since,
        min(at) FILTER (
            WHERE status NOT IN ('submitted', 'verified', 'assigned', 'duplicate', 'withdrawn')
        ) AS responded_at,
        count(*) FILTER (
            WHERE step = 'reopen' AND before IN ('resolved', 'rejected', 'duplicate', 'withdrawn')
        ) AS reopenings,
        ARRAY[
            COALESCE(sum(stood) FILTER (WHERE before = 'submitted'), 0),
            COALESCE(sum(stood) FILTER (WHERE before = 'verified'), 0),
            COALESCE(sum(stood) FILTER (WHERE before IN ('assigned', 'responded', 'scheduled', 'forwarded')), 0),
            COALESCE(sum(stood) FILTER (WHERE before = 'in_progress'), 0),
            COALESCE(sum(stood) FILTER (WHERE before = 'fixed'), 0),
            COALESCE(sum(stood) FILTER (WHERE before = 'needs_info'), 0)
        ]::int[] AS spent
    FROM moves
    GROUP BY issue_id
)
UPDATE issues_issue AS issue
SET spent = told.spent, stood_since = told.stood_since, responded_at = told.responded_at, reopenings = told.reopenings
FROM told
WHERE told.issue_id = issue.id
