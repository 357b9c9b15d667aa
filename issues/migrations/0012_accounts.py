from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0011_learning")]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("person", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                ("times", models.PositiveIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["until"], name="pace_is_over")]},
        ),
        migrations.AddIndex(
            model_name="reporter",
            index=models.Index(
                models.F("phone"),
                condition=models.Q(("phone", ""), _negated=True),
                name="reporter_by_phone",
            ),
        ),
    ]
