from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("geodata", "0006_accounts_required")]

    operations = []
