"""The desk's chapter "office"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0017_cases")]

    operations = []
