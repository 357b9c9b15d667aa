"""Routing as a function that a session plans once, and what it measures, kept in metres."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """Keep metric shapes by triggers; make the function that reads them."""

    dependencies: ClassVar = [("geodata", "0004_basemap")]
    operations: ClassVar = [
        migrations.RunSQL(
            (_SQL / "metric_v1.sql").read_text(), (_SQL / "metric_v1_undo.sql").read_text()
        ),
        migrations.RunSQL(
            (_SQL / "route_v1.sql").read_text(),
            "DROP FUNCTION geodata_route_v1",
        ),
    ]
