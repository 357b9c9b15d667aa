"""The statement triggers that keep a source's delta; text for a migration, or run at once."""

from typing import Final

from geodata.pyramid.source import Source

_CREATE: Final = """\
-- Entries of {table} that come or go are added to heat_delta; nothing is decided here.
CREATE FUNCTION heat_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT '{name}', e.* FROM ({born}) e;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT '{name}', e.* FROM ({gone}) e;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO heat_delta (source, scope, q, area, code, day, n)
        SELECT '{name}', e.scope, e.q, e.area, e.code, e.day, sum(e.n)
        FROM ({gone} UNION ALL {born}) e
        GROUP BY e.scope, e.q, e.area, e.code, e.day HAVING sum(e.n) <> 0;
    ELSE
        -- TRUNCATE locks out every fold, so nothing can be added behind our back.
        DELETE FROM heat_delta WHERE source = '{name}';
        DELETE FROM heat_chunk WHERE source = '{name}';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER heat_{name}_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION heat_{name}();
CREATE TRIGGER heat_{name}_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION heat_{name}();
CREATE TRIGGER heat_{name}_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS gone NEW TABLE AS born
    FOR EACH STATEMENT EXECUTE FUNCTION heat_{name}();
CREATE TRIGGER heat_{name}_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION heat_{name}();
-- The rows that are there already; the first fold makes chunks of them.
INSERT INTO heat_delta (source, scope, q, area, code, day, n)
SELECT '{name}', e.* FROM ({present}) e;
"""

_DROP: Final = """\
DROP TRIGGER heat_{name}_insert ON {table};
DROP TRIGGER heat_{name}_delete ON {table};
DROP TRIGGER heat_{name}_update ON {table};
DROP TRIGGER heat_{name}_truncate ON {table};
DROP FUNCTION heat_{name}();
DELETE FROM heat_delta WHERE source = '{name}';
DELETE FROM heat_chunk WHERE source = '{name}';
"""


def create(source: Source) -> str:
    """Write the SQL that installs the triggers of a source and enters the rows that are there."""
    return _CREATE.format(
        name=source.name,
        table=source.table,
        born=source.entries("born"),
        gone=source.entries("gone", sign=-1),
        present=source.entries(source.table),
    )


def drop(source: Source) -> str:
    """Write the SQL that undoes `create`."""
    return _DROP.format(name=source.name, table=source.table)
