-- Cancel the jobs of an issue of the past: nobody shall get last year's letters, its photos are clean.
--
-- Parameters: issue (id of the issue).
UPDATE procrastinate_jobs AS job
SET status = 'cancelled'
WHERE job.status = 'todo'
    AND (
        job.args ->> 'event_id' IN (
            SELECT event.id::text FROM issues_event AS event WHERE event.issue_id = %(issue)s
        )
        OR job.args ->> 'issue_id' = %(issue)s::text
        OR job.args ->> 'photo_id' IN (
            SELECT photo.id::text FROM issues_photo AS photo WHERE photo.issue_id = %(issue)s
        )
    )
