"""The pyramid of counts: two derived tables that no model describes."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

_SQL = Path(__file__).parent / "sql" / "pyramid_v1.sql"


class Migration(migrations.Migration):
    """Make the tables of chunks and delta."""

    dependencies: ClassVar = [("geodata", "0002_initial")]
    operations: ClassVar = [
        migrations.RunSQL(_SQL.read_text(), "DROP TABLE heat_delta; DROP TABLE heat_chunk;")
    ]
