"""The desk's chapter "configuration"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0021_rights")]

    operations = []
