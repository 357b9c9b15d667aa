"""Places of the desk: what an administrator proposes before it counts."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Proposals of areas and rules, and the areas that a file brought."""

    dependencies = [
        ("geodata", "0008_office_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'tetangga'), (1, 'kota'), (2, 'kecamatan'), (3, 'desa/kelurahan'), (4, 'kawasan khusus')], null=True)),
                ('dataset', models.CharField(blank=True, max_length=60)),
                ('source', models.CharField(max_length=300)),
                ('licence', models.CharField(blank=True, max_length=200)),
                ('source_date', models.DateField(blank=True, null=True)),
                ('crs', models.CharField(blank=True, max_length=200)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('checksum', models.CharField(blank=True, help_text='SHA-256 berkas', max_length=64)),
                ('path', models.CharField(blank=True, help_text='tempat berkas disimpan', max_length=200)),
                ('accepts_slivers', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('checking', 'sedang diperiksa'), ('refused', 'bermasalah'), ('ready', 'siap diterbitkan'), ('waiting', 'menunggu terbit'), ('published', 'terbit'), ('undoing', 'sedang dibatalkan'), ('undone', 'dibatalkan'), ('dropped', 'dibuang')], max_length=10)),
                ('refusal', models.CharField(blank=True, max_length=300)),
                ('problems', models.JSONField(blank=True, default=list)),
                ('notes', models.JSONField(blank=True, default=list)),
                ('before', models.JSONField(blank=True, help_text='aturan sebelum perubahan', null=True)),
                ('after', models.JSONField(blank=True, help_text='aturan sesudah perubahan', null=True)),
                ('impact', models.JSONField(blank=True, default=list)),
                ('looked_at', models.PositiveIntegerField(default=0, help_text='laporan yang dihitung ulang')),
                ('weighed_at', models.DateTimeField(blank=True, null=True)),
                ('weighed_on', models.CharField(blank=True, help_text='peta dan aturan saat itu', max_length=64)),
                ('closed', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('publish_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='geodata.city')),
                ('edition', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='geodata.edition')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='geodata.routingrule')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'usulan perubahan',
                'verbose_name_plural': 'usulan perubahan',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='DraftArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, max_length=30)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('kind', models.CharField(blank=True, max_length=30)),
                ('parent_code', models.CharField(blank=True, max_length=30)),
                ('area', django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=4326)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='geodata.draft')),
            ],
            options={
                'verbose_name': 'wilayah usulan',
                'verbose_name_plural': 'wilayah usulan',
                'ordering': ['code', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(fields=['city', '-id'], name='draft_by_city'),
        ),
    ]
