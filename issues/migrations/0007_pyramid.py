from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0006_public_spans")]

    operations = []
