"""The desk's chapter "field"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0019_channels")]

    operations = []
