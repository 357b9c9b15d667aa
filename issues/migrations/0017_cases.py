"""The desk's chapter "cases"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0016_clocks")]

    operations = []
