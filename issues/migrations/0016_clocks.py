"""The desk's chapter "clocks"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0015_desk")]

    operations = []
