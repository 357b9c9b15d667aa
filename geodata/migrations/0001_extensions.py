"""PostGIS, and GiST for plain columns (exclusion constraints)."""

from typing import ClassVar

from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Create the extensions where the database does not have them yet."""

    dependencies: ClassVar = []
    operations: ClassVar = [CreateExtension("postgis"), BtreeGistExtension()]
