"""History is only ever added to."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

_SQL = Path(__file__).parent / "sql" / "event_is_append_only_v1.sql"


class Migration(migrations.Migration):
    """Install the guard on the event table."""

    dependencies: ClassVar = [("issues", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            _SQL.read_text(),
            "DROP TRIGGER event_is_append_only ON issues_event; DROP FUNCTION issues_event_is_append_only();",
        )
    ]
