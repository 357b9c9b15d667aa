from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "spans_of_issues_v1.sql"


class Migration(migrations.Migration):
    dependencies = [("geodata", "0002_initial"), ("issues", "0005_plainer_steps")]

    operations = [
        migrations.CreateModel(
            name="PublicSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "layer",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Belum ditindaklanjuti"),
                            (1, "Respon awal"),
                            (2, "Tindak lanjut lapangan"),
                            (3, "Selesai"),
                            (4, "Ditutup"),
                        ]
                    ),
                ),
                ("q", models.BigIntegerField(help_text="nomor Morton sel z24", null=True)),
                ("day", models.DateField(help_text="tanggal setempat diterima")),
                ("since", models.DateField(help_text="tanggal setempat, hari pertama")),
                (
                    "until",
                    models.DateField(
                        help_text="tanggal setempat, hari pertama sesudahnya", null=True
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="public_spans",
                        to="issues.issue",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="geodata.city",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="issues.category",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="geodata.department",
                    ),
                ),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="geodata.jurisdiction",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="publicspan",
            index=models.Index(
                fields=["city", "q"],
                include=("layer", "category", "department", "since", "until"),
                name="public_span_by_cell",
            ),
        ),
        migrations.AddIndex(
            model_name="publicspan",
            index=models.Index(
                fields=["jurisdiction", "city", "q"],
                include=("layer", "category", "department", "since", "until"),
                name="public_span_by_area",
            ),
        ),
        migrations.AddIndex(
            model_name="publicspan",
            index=models.Index(
                fields=["city", "-day", "-issue"],
                include=("layer", "category", "department", "jurisdiction", "since", "until"),
                name="public_span_newest_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicspan",
            constraint=models.UniqueConstraint(
                models.F("issue"), models.F("since"), name="public_span_starts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="publicspan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"
                ),
                name="public_span_lasts",
            ),
        ),
        migrations.RemoveIndex(
            model_name="publicissue",
            name="public_issue_newest_first",
        ),
        migrations.AlterField(
            model_name="publicissue",
            name="category",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="issues.category",
            ),
        ),
        migrations.AlterField(
            model_name="publicissue",
            name="city",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="geodata.city",
            ),
        ),
        migrations.AlterField(
            model_name="publicissue",
            name="jurisdiction",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="geodata.jurisdiction",
            ),
        ),
        migrations.AddIndex(
            model_name="publicissue",
            index=models.Index(
                fields=["jurisdiction", "city", "q"],
                include=("layer", "category", "department", "day", "overdue", "received_at"),
                name="public_issue_by_area",
            ),
        ),
        migrations.AddIndex(
            model_name="publicissue",
            index=models.Index(
                fields=["city", "-received_at", "-issue"],
                include=("layer", "category", "department", "jurisdiction", "day", "overdue"),
                name="public_issue_newest_first",
            ),
        ),
        migrations.AddIndex(
            model_name="publicissue",
            index=models.Index(
                fields=["category", "city", "-received_at", "-issue"],
                include=("layer", "department", "jurisdiction", "day", "overdue"),
                name="public_issue_newest_of_kind",
            ),
        ),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
