from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0012_accounts")]

    operations = []
