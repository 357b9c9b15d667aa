-- What: the words of a text in the one spelling in which names are stored.
-- Columns: words (see migrations/sql/words_v1.sql).
-- Parameters: text.
-- Source: own.
SELECT geodata_words(%(text)s) AS words
