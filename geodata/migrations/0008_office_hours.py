"""Office hours of departments, and since when the calendar is as it is."""

import geodata.hours
from django.db import migrations, models


class Migration(migrations.Migration):
    """Generated."""

    dependencies = [("geodata", "0007_reporting")]

    operations = [
        migrations.AddField(
            model_name='city',
            name='calendar_at',
            field=models.DateTimeField(editable=False, help_text='sejak kapan hari dan jam kerja seperti sekarang', null=True),
        ),
        migrations.AddField(
            model_name='department',
            name='office_hours',
            field=models.JSONField(blank=True, db_default={}, default=dict, help_text='hari (0 = Senin) → [buka, tutup]; kosong: jam kerja kota', validators=[geodata.hours.check]),
        ),
        migrations.AlterField(
            model_name='city',
            name='office_hours',
            field=models.JSONField(default=dict, help_text='hari (0 = Senin) → [buka, tutup]', validators=[geodata.hours.check]),
        ),
    ]
