from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0005_plainer_steps")]

    operations = []
