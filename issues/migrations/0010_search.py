from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models
from django.db.models.functions import Concat, Lower


class Migration(migrations.Migration):
    dependencies = [("issues", "0009_citizen")]

    operations = [
        TrigramExtension(),
        migrations.AddField(
            model_name="publicdetail",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=SearchVector("place", weight="A", config="simple")
                + SearchVector("place", weight="A", config="indonesian")
                + SearchVector("text", weight="B", config="simple")
                + SearchVector("text", weight="B", config="indonesian"),
                output_field=SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="publicdetail",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=Lower(
                    Concat("place", models.Value(" "), "text", output_field=models.TextField())
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="publicdetail",
            index=GinIndex(fields=["search"], name="public_page_by_word"),
        ),
        migrations.AddIndex(
            model_name="publicdetail",
            index=GinIndex(OpClass(models.F("words"), name="gin_trgm_ops"), name="public_page_by_letters"),
        ),
        migrations.AddIndex(
            model_name="publicissue",
            index=GistIndex(
                condition=models.Q(("layer__lt", 3)), fields=["category", "point"], name="public_issue_open_near"
            ),
        ),
    ]
