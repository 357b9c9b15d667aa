"""The desk's chapter "rights"."""

from pathlib import Path

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

_SQL = Path(__file__).parent / "sql" / "trail_is_append_only_v1.sql"


class Migration(migrations.Migration):
    """Capacities end by themselves, people are invited, looks and changes leave a trail."""

    dependencies = [
        ('geodata', '0009_drafts'),
        ("issues", "0020_field"),
    ]

    operations = [
        migrations.CreateModel(
            name='Access',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('identity', 'identitas pelapor'), ('original', 'teks dan foto asli')], max_length=10)),
                ('purpose', models.CharField(choices=[('contact', 'menghubungi pelapor tentang penanganan'), ('place', 'memastikan tempat atau keadaan'), ('review', 'meninjau ulang yang sudah dirilis'), ('report', 'pengaduan atau permintaan pelapor sendiri'), ('law', 'permintaan resmi menurut hukum'), ('other', 'alasan lain')], max_length=10)),
                ('reason', models.CharField(max_length=400)),
            ],
            options={
                'verbose_name': 'pembukaan data',
                'verbose_name_plural': 'pembukaan data',
            },
        ),
        migrations.CreateModel(
            name='ConfigurationChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(help_text='model yang diubah', max_length=40)),
                ('object_id', models.CharField(max_length=40)),
                ('object', models.CharField(help_text='namanya saat itu', max_length=200)),
                ('field', models.CharField(max_length=60)),
                ('before', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('after', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('reason', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'perubahan konfigurasi',
                'verbose_name_plural': 'perubahan konfigurasi',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('role', models.CharField(choices=[('dispatcher', 'admin koordinator'), ('liaison', 'admin penghubung'), ('crew', 'petugas lapangan'), ('leader', 'pimpinan'), ('administrator', 'administrator')], max_length=15)),
                ('area_code', models.CharField(blank=True, max_length=30)),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'undangan',
                'verbose_name_plural': 'undangan',
                'ordering': ['-at'],
            },
        ),
        migrations.AlterModelManagers(
            name='membership',
            managers=[
                ('in_force', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='membership',
            name='membership_is_unique',
        ),
        migrations.AddField(
            model_name='membership',
            name='deputy_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to='issues.membership'),
        ),
        migrations.AddField(
            model_name='membership',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='session_epoch',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='naik bila semua sesi harus berakhir'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(models.F('user'), models.F('city'), models.F('department'), models.F('role'), models.F('area_code'), models.F('deputy_of'), models.F('starts_at'), name='membership_is_unique', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='membership_ends_after_its_start'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('deputy_of', None), models.Q(('ends_at__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='membership_of_a_deputy_ends_by_itself'),
        ),
        migrations.AddField(
            model_name='access',
            name='actor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='access',
            name='issue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accesses', to='issues.issue'),
        ),
        migrations.AddField(
            model_name='configurationchange',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='configurationchange',
            name='city',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='geodata.city'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='city',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='geodata.city'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='department',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='geodata.department'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='issues.unit'),
        ),
        migrations.AddIndex(
            model_name='access',
            index=models.Index(fields=['at', 'id'], name='access_by_time'),
        ),
        migrations.AddIndex(
            model_name='access',
            index=models.Index(fields=['issue', 'actor', 'at'], name='access_still_open'),
        ),
        migrations.AddIndex(
            model_name='configurationchange',
            index=models.Index(fields=['city', 'at', 'id'], name='configuration_by_time'),
        ),
        migrations.AddIndex(
            model_name='configurationchange',
            index=models.Index(fields=['kind', 'object_id'], name='configuration_by_object'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(models.F('city'), django.db.models.functions.text.Lower('email'), condition=models.Q(('revoked_at', None), ('used_at', None)), name='invitation_is_open_once'),
        ),
        migrations.RunSQL(
            _SQL.read_text(),
            "DROP TRIGGER access_is_append_only ON issues_access;"
            "DROP TRIGGER configuration_is_append_only ON issues_configurationchange;"
            "DROP FUNCTION issues_trail_is_append_only();",
        ),
    ]
