from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("geodata", "0002_initial")]

    operations = []
