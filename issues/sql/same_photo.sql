-- Which older photo shows the same as this one: of another job of the department, or the damage of its own.
-- Parameters: photo (its key), issue, department, phash (16 hex digits), since (instant), bits (most that may differ).
-- Source: Hamming distance of 64-bit perceptual hashes.
SELECT
    issue.number,
    bit_count(('x' || photo.phash)::bit(64) # ('x' || %(phash)s)::bit(64)) AS bits
FROM issues_photo AS photo
JOIN issues_issue AS issue ON issue.id = photo.issue_id
WHERE
    photo.phash <> ''
    AND photo.created_at > %(since)s
    AND photo.id <> %(photo)s
    AND photo.kind IN ('before', 'after')
    AND issue.department_id = %(department)s
    AND (photo.issue_id <> %(issue)s OR photo.kind = 'before')
    AND bit_count(('x' || photo.phash)::bit(64) # ('x' || %(phash)s)::bit(64)) <= %(bits)s
ORDER BY bits, photo.created_at
LIMIT 1
