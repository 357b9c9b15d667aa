import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0012_accounts")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="announcement",
                        serialize=False,
                        to="issues.event",
                    ),
                ),
                (
                    "after",
                    models.BigIntegerField(
                        default=0, help_text="pelanggan terakhir yang dikabari"
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
