from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("geodata", "0003_pyramid")]

    operations = []
