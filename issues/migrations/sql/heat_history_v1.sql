-- Entries of issues_publicspan that come or go are added to heat_delta; nothing is decided here.
CREATE FUNCTION heat_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'history', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.since AS day, 1 AS n FROM born r WHERE r.since IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, 2251799813685248::bigint | (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.until AS day, 1 AS n FROM born r WHERE r.until IS NOT NULL AND (true)) e;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'history', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.since AS day, -1 AS n FROM gone r WHERE r.since IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, 2251799813685248::bigint | (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.until AS day, -1 AS n FROM gone r WHERE r.until IS NOT NULL AND (true)) e;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT 'history', e.scope, e.q, e.area, e.code, e.day, sum(e.n)
        FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.since AS day, -1 AS n FROM gone r WHERE r.since IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, 2251799813685248::bigint | (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.until AS day, -1 AS n FROM gone r WHERE r.until IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.since AS day, 1 AS n FROM born r WHERE r.since IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, 2251799813685248::bigint | (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.until AS day, 1 AS n FROM born r WHERE r.until IS NOT NULL AND (true)) e
        GROUP BY e.scope, e.q, e.area, e.code, e.day HAVING sum(e.n) <> 0;
    ELSE
        -- TRUNCATE locks out every fold, so nothing can be added behind our back.
        DELETE FROM heat_delta WHERE source = 'history';
        DELETE FROM heat_chunk WHERE source = 'history';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER heat_history_insert AFTER INSERT ON issues_publicspan
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION heat_history();
CREATE TRIGGER heat_history_delete AFTER DELETE ON issues_publicspan
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION heat_history();
CREATE TRIGGER heat_history_update AFTER UPDATE ON issues_publicspan
    REFERENCING OLD TABLE AS gone NEW TABLE AS born
    FOR EACH STATEMENT EXECUTE FUNCTION heat_history();
CREATE TRIGGER heat_history_truncate AFTER TRUNCATE ON issues_publicspan
    FOR EACH STATEMENT EXECUTE FUNCTION heat_history();
-- The rows that are there already; the first fold makes chunks of them.
INSERT INTO heat_delta (source, scope, q, area, code, day, n)
SELECT 'history', e.* FROM (SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.since AS day, 1 AS n FROM issues_publicspan r WHERE r.since IS NOT NULL AND (true) UNION ALL SELECT r.city_id::bigint AS scope, r.q::bigint AS q, coalesce(r.jurisdiction_id, 0)::bigint AS area, 2251799813685248::bigint | (coalesce(r.layer::bigint, 0) << 48) | (coalesce(r.category_id::bigint, 0) << 24) | (coalesce(r.department_id::bigint, 0) << 0) AS code, r.until AS day, 1 AS n FROM issues_publicspan r WHERE r.until IS NOT NULL AND (true)) e;
