"""Places of the desk: "0008_office_hours"."""

from django.db import migrations


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [("geodata", "0007_reporting")]

    operations = []
