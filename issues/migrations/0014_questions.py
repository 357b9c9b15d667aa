from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0013_notices")]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="street",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="seluruh jalan ini, bukan satu titik",
                max_length=160,
            ),
        ),
    ]
