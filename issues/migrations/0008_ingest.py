import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("geodata", "0002_initial"), ("issues", "0007_pyramid")]

    operations = [
        migrations.CreateModel(
            name="Origin",
            fields=[
                (
                    "issue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="origin",
                        serialize=False,
                        to="issues.issue",
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("external_id", models.CharField(max_length=100)),
                ("events", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="geodata.city",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        models.F("source"),
                        models.F("external_id"),
                        name="origin_names_one_issue",
                    )
                ],
            },
        ),
    ]
