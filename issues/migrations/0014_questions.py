from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0013_notices")]

    operations = []
