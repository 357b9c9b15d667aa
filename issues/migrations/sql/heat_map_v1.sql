-- Entries of issues_publicissue that come or go are added to heat_delta; nothing is decided here.
CREATE FUNCTION heat_map() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'map', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 49) | (coalesce(r.overdue::int::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.day AS day, 1 AS n FROM born r WHERE r.day IS NOT NULL AND (true)) e;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'map', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 49) | (coalesce(r.overdue::int::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.day AS day, -1 AS n FROM gone r WHERE r.day IS NOT NULL AND (true)) e;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'map', e.scope, e.q, e.area, e.code, e.day, sum(e.n)
        FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 49) | (coalesce(r.overdue::int::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.day AS day, -1 AS n FROM gone r WHERE r.day IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 49) | (coalesce(r.overdue::int::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.day AS day, 1 AS n FROM born r WHERE r.day IS NOT NULL AND (true)) e
        GROUP BY e.scope, e.q, e.area, e.code, e.day HAVING sum(e.n) <> 0;
    ELSE
        -- TRUNCATE locks out every fold, so nothing can be added behind our back.
        DELETE FROM heat_delta WHERE source = 'map';
        DELETE FROM heat_chunk WHERE source = 'map';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER heat_map_insert AFTER INSERT ON issues_publicissue
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION heat_map();
CREATE TRIGGER heat_map_delete AFTER DELETE ON issues_publicissue
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION heat_map();
CREATE TRIGGER heat_map_update AFTER UPDATE ON issues_publicissue
    REFERENCING OLD TABLE AS gone NEW TABLE AS born
    FOR EACH STATEMENT EXECUTE FUNCTION heat_map();
CREATE TRIGGER heat_map_truncate AFTER TRUNCATE ON issues_publicissue
    FOR EACH STATEMENT EXECUTE FUNCTION heat_map();
-- The rows that are there already; the first fold makes chunks of them.
INSERT INTO heat_delta (source, scope, q, area, code, day, n)
SELECT 'map', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 49) | (coalesce(r.overdue::int::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.day AS day, 1 AS n FROM issues_publicissue r WHERE r.day IS NOT NULL AND (true)) e;
