"""Places of the desk: "0009_drafts"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("geodata", "0008_office_hours")]

    operations = []
