"""The statement triggers that keep the delta of the map and of its history."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

_SQL = Path(__file__).parent / "sql"
_DROP = """
DROP TRIGGER heat_{name}_insert ON {table};
DROP TRIGGER heat_{name}_delete ON {table};
DROP TRIGGER heat_{name}_update ON {table};
DROP TRIGGER heat_{name}_truncate ON {table};
DROP FUNCTION heat_{name}();
DELETE FROM heat_delta WHERE source = '{name}';
DELETE FROM heat_chunk WHERE source = '{name}';
"""


class Migration(migrations.Migration):
    """Install the triggers and enter the rows that are there; the first fold makes the chunks."""

    dependencies: ClassVar = [("issues", "0006_public_spans"), ("geodata", "0003_pyramid")]
    operations: ClassVar = [
        migrations.RunSQL(
            (_SQL / f"heat_{name}_v1.sql").read_text(), _DROP.format(name=name, table=table)
        )
        for name, table in (("map", "issues_publicissue"), ("history", "issues_publicspan"))
    ]
