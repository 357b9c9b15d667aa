-- Count the words of one settled report in its kind, or take them back.
-- Parameters: category (id), words (names of stems, each once, in order), by (1 or -1), most (a word counts no further),
--   room (so many words are kept of a kind; what is new beyond is not).
-- In the order of the words, so that two who learn at once do not wait for each other in a circle.
WITH kept AS (
    SELECT COUNT(*) AS words FROM issues_categoryword WHERE category_id = %(category)s
)
INSERT INTO issues_categoryword (category_id, word, count)
SELECT %(category)s, said.word, GREATEST(%(by)s, 0)
FROM UNNEST(%(words)s::text[]) AS said (word), kept
WHERE kept.words < %(room)s
   OR EXISTS (SELECT FROM issues_categoryword AS known WHERE known.category_id = %(category)s AND known.word = said.word)
ORDER BY said.word
ON CONFLICT (category_id, word) DO UPDATE
SET count = LEAST(%(most)s, GREATEST(0, issues_categoryword.count + %(by)s))
RETURNING word
