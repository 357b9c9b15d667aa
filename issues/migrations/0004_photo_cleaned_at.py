from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now


def date_what_is_clean(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nobody knows when: as of now, so that no photo misses its review."""
    del schema_editor
    apps.get_model("issues", "Photo").objects.filter(state="clean").update(cleaned_at=Now())


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0003_category_warning_en"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="cleaned_at",
            field=models.DateTimeField(help_text="sejak kapan petugas melihatnya", null=True),
        ),
        migrations.RunPython(date_what_is_clean, migrations.RunPython.noop),
    ]
