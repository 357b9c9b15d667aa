-- Cancel the jobs of the demo's past: nobody shall get last year's letters, and its photos are clean.
--
-- Parameters: issues (bigint[], ids of the issues that the demo made).
UPDATE procrastinate_jobs AS job
SET status = 'cancelled'
WHERE job.status = 'todo'
    AND (
        EXISTS (
            SELECT FROM issues_event AS event
            WHERE event.id = (job.args ->> 'event_id')::bigint AND event.issue_id = ANY(%(issues)s)
        )
        OR EXISTS (
            SELECT FROM issues_photo AS photo
            WHERE photo.id = (job.args ->> 'photo_id')::uuid AND photo.issue_id = ANY(%(issues)s)
        )
    )
