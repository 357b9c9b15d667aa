-- The words of a name in one spelling, however people write it: ' jalan gatot subroto 3 / gatotsubroto3'.
-- A blank stands before every word; behind the stroke stands the name in one word, without its prefix.
-- Searched names are stored so (generated columns), and what is typed is made the same: they agree by birth.
-- Uses only functions of pg_catalog, for a restore sees no other schema, and few expressions, for a server
-- keeps some thirty compiled ones.
-- Source: own; EYD of 1972 for the old spellings (oe = u, tj = c, dj = j).
CREATE FUNCTION geodata_words(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    plain text := lower(normalize(left(name, 160), NFKD));
    parts text[];
    word text;
    said text;
    words text[] := '{}';
    whole text;
BEGIN
    plain := regexp_replace(plain, '[\u0300-\u036f''`´’‘]', '', 'g');
    -- the dot of a prefix parts ("Gg.III"), so does one before a longer word; between initials it joins
    plain := regexp_replace(plain, '\m(jl|jln|jalan|gg|gang|kec|kel|ds|br|psr|no)\.', '\1 ', 'g');
    plain := regexp_replace(plain, '\.(?=[[:alpha:]]{2})', ' ', 'g');
    plain := btrim(regexp_replace(replace(plain, '.', ''), '[^a-z0-9]+', ' ', 'g'));
    plain := regexp_replace(plain, '\m(gg|gang|no|blok)(\d)', '\1 \2', 'g');
    -- initials that stand apart are one word: "P. B. Sudirman"
    plain := regexp_replace(plain, '\m([a-z]) (?=[a-hj-z] )', '\1', 'g');
    plain := replace(replace(replace(plain, 'oe', 'u'), 'tj', 'c'), 'dj', 'j');
    parts := string_to_array(plain, ' ');
    FOREACH word IN ARRAY parts LOOP
        said := CASE word
            WHEN 'jl' THEN 'jalan' WHEN 'jln' THEN 'jalan' WHEN 'gg' THEN 'gang'
            WHEN 'kec' THEN 'kecamatan' WHEN 'kel' THEN 'kelurahan' WHEN 'ds' THEN 'desa'
            WHEN 'br' THEN 'banjar' WHEN 'psr' THEN 'pasar'
            WHEN 'gatsu' THEN 'gatot subroto'
            WHEN 'jendral' THEN 'jenderal' WHEN 'jend' THEN 'jenderal'
            WHEN 'dokter' THEN 'dr' WHEN 'doktor' THEN 'dr' WHEN 'profesor' THEN 'prof'
            WHEN 'kapt' THEN 'kapten' WHEN 'gng' THEN 'gunung'
            WHEN 'tukat' THEN 'tukad' WHEN 'klod' THEN 'kelod' WHEN 'dlod' THEN 'delod'
            WHEN 'ii' THEN '2' WHEN 'iii' THEN '3' WHEN 'iv' THEN '4' WHEN 'vi' THEN '6'
            WHEN 'vii' THEN '7' WHEN 'viii' THEN '8' WHEN 'ix' THEN '9' WHEN 'xi' THEN '11'
            WHEN 'xii' THEN '12' WHEN 'xiii' THEN '13' WHEN 'xiv' THEN '14' WHEN 'xv' THEN '15'
            WHEN 'xvi' THEN '16' WHEN 'xvii' THEN '17' WHEN 'xviii' THEN '18' WHEN 'xix' THEN '19'
            WHEN 'xx' THEN '20'
            ELSE word
        END;
        words := words || said;
    END LOOP;
    -- a numeral of one letter stands at the end; elsewhere it is an initial
    IF cardinality(words) > 1 THEN
        words[cardinality(words)] := CASE words[cardinality(words)]
            WHEN 'i' THEN '1' WHEN 'v' THEN '5' WHEN 'x' THEN '10' ELSE words[cardinality(words)]
        END;
    END IF;
    whole := ' ' || array_to_string(words, ' ') || ' ';
    whole := replace(replace(whole, ' panglima besar ', ' pb '), ' ahmad yani ', ' a yani ');
    whole := replace(whole, ' achmad yani ', ' a yani ');
    -- Sanskrit's breath and doubled letters come and go
    whole := replace(replace(replace(whole, 'bh', 'b'), 'dh', 'd'), 'th', 't');
    whole := rtrim(regexp_replace(whole, '([a-z])\1+', '\1', 'g'));
    RETURN whole || ' / ' || regexp_replace(
        replace(regexp_replace(whole, '^ (jalan|gang|desa|kelurahan|kecamatan) ', ''), ' ', ''), '([a-z])\1+', '\1', 'g'
    );
END
$$;
