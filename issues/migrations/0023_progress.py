"""The desk's chapter "progress"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0022_configuration")]

    operations = []
