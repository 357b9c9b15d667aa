"""The desk's chapter "rights"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0020_field")]

    operations = []
