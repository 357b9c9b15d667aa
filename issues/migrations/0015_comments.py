import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("geodata", "0007_reporting"),
        ("issues", "0014_questions"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="related",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                default=list,
                help_text="kode jenis lain yang sering sama masalahnya",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="reporter",
            name="push_to",
            field=models.ForeignKey(
                blank=True,
                help_text="perangkat siapa yang juga dikabari",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="issues.subscriber",
            ),
        ),
        migrations.AddField(
            model_name="support",
            name="device",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uuid",
                    models.UUIDField(help_text="dibuat pengirim; kunci idempotensi", unique=True),
                ),
                ("person", models.CharField(max_length=64)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("text", models.TextField()),
                (
                    "paid",
                    models.BooleanField(default=False, help_text="dengan akun atau bukti kerja"),
                ),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "menunggu ditinjau"),
                            ("shown", "tampil"),
                            ("refused", "ditolak"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="geodata.city",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="issues.issue",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "komentar",
                "verbose_name_plural": "komentar",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["city", "at"],
                        name="comment_waits",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at__isnull", True), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("reviewed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="comment_was_read_unless_it_waits",
                    )
                ],
            },
        ),
    ]
