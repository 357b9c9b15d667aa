"""The basemap of one's own, landmarks, and names in the one spelling that search compares."""

from pathlib import Path

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

_WORDS = Path(__file__).parent / "sql" / "words_v1.sql"


class Migration(migrations.Migration):
    """Make the tables, after the function that their generated columns call."""

    dependencies = [
        ("geodata", "0003_pyramid"),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(_WORDS.read_text(), "DROP FUNCTION geodata_words(text)"),
        migrations.CreateModel(
            name="BasemapFeature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("land", "daratan"),
                            ("green", "taman dan sawah"),
                            ("water", "air"),
                            ("buildings", "bangunan"),
                            ("roads", "jalan"),
                            ("labels", "nama tempat"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(help_text="0 yang terpenting")),
                (
                    "from_zoom",
                    models.PositiveSmallIntegerField(help_text="zoom ubin pertama yang memuatnya"),
                ),
                (
                    "sort",
                    models.CharField(
                        blank=True, help_text="kelas seperti di berkas", max_length=30
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=160)),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.GeometryField(
                        spatial_index=False, srid=4326
                    ),
                ),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("name"), function="geodata_words"),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "isi peta dasar",
                "verbose_name_plural": "isi peta dasar",
            },
        ),
        migrations.CreateModel(
            name="Landmark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(help_text="semua sebutannya, dipisah |", max_length=160)),
                (
                    "kind",
                    models.CharField(help_text="pasar, rumah sakit, sekolah, …", max_length=30),
                ),
                ("approximate", models.BooleanField(default=False, help_text="letak perkiraan")),
                ("active", models.BooleanField(default=True)),
                ("point", django.contrib.gis.db.models.fields.PointField(srid=4326)),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("name"), function="geodata_words"),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "tempat terkenal",
                "verbose_name_plural": "tempat terkenal",
            },
        ),
        migrations.AddField(
            model_name="asset",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("name"), function="geodata_words"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("words"), name="gin_trgm_ops"),
                condition=models.Q(("layer", "road")),
                name="asset_road_by_words",
            ),
        ),
        migrations.AddField(
            model_name="basemapfeature",
            name="city",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="geodata.city"
            ),
        ),
        migrations.AddField(
            model_name="basemapfeature",
            name="edition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="geodata.edition"
            ),
        ),
        migrations.AddField(
            model_name="landmark",
            name="city",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="landmarks",
                to="geodata.city",
            ),
        ),
        migrations.AddIndex(
            model_name="basemapfeature",
            index=django.contrib.postgres.indexes.GistIndex(
                fields=["geom", "from_zoom"], name="basemap_by_place_and_zoom"
            ),
        ),
        migrations.AddIndex(
            model_name="basemapfeature",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("words"), name="gin_trgm_ops"),
                condition=models.Q(("name", ""), _negated=True),
                name="basemap_by_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="landmark",
            constraint=models.UniqueConstraint(
                models.F("city"), models.F("code"), name="landmark_by_code"
            ),
        ),
    ]
