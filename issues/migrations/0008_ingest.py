from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0007_pyramid")]

    operations = []
