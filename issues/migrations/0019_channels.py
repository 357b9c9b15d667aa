"""The desk's chapter "channels"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("issues", "0018_office")]

    operations = []
