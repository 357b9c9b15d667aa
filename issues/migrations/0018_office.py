"""The desk's chapter "office"."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def remember(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Read from history which issues a dispatcher has handled, and since when photos wait."""
    del schema_editor
    issues = apps.get_model("issues", "Issue").objects
    events = apps.get_model("issues", "Event").objects.filter(role="dispatcher")
    photos = apps.get_model("issues", "Photo").objects.filter(state="clean", public=False)
    issues.filter(pk__in=events.values("issue")).update(looked_on=True)
    newest = photos.filter(issue=models.OuterRef("pk")).order_by("-cleaned_at")
    issues.filter(pk__in=photos.values("issue")).update(
        photo_at=models.Subquery(newest.values("cleaned_at")[:1])
    )


class Migration(migrations.Migration):
    """Filled by its chapter."""

    dependencies = [
        ("geodata", "0007_reporting"),
        ("issues", "0017_cases"),
    ]

    operations = [
        # Triage: presence, and what its queues are indexed by.
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('at', models.DateTimeField(help_text='denyut terakhir')),
            ],
        ),
        migrations.AddField(
            model_name='issue',
            name='looked_on',
            field=models.BooleanField(db_default=False, default=False, help_text='meja triase sudah menanganinya'),
        ),
        migrations.AddField(
            model_name='issue',
            name='photo_at',
            field=models.DateTimeField(blank=True, help_text='sejak kapan foto terbarunya dapat ditinjau', null=True),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('department__isnull', True), ('status', 'needs_info')), fields=['city', 'received_at'], name='issue_asked_by_the_desk'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('looked_on', False), ('status__in', ('assigned', 'responded', 'scheduled', 'in_progress', 'needs_info', 'forwarded', 'fixed'))), fields=['city', 'received_at'], name='issue_not_looked_on'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('photo_at__gt', models.F('reviewed_at')), _connector='OR'), ('confidential', False), models.Q(('status', 'duplicate'), _negated=True), ('held', False)), fields=['city', 'received_at'], name='issue_awaits_review'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('street', ''), _negated=True), fields=['city', 'street', '-received_at'], name='issue_of_a_whole_street'),
        ),
        migrations.AddField(
            model_name='presence',
            name='issue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='issues.issue'),
        ),
        migrations.AddField(
            model_name='presence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='presence',
            index=models.Index(fields=['at'], name='presence_is_over'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(models.F('issue'), models.F('user'), name='presence_is_one_screen'),
        ),
        # Templates of replies.
        migrations.CreateModel(
            name='ReplyTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('refuse', 'Bukan wewenang kami'), ('respond', 'Beri respon awal'), ('schedule', 'Jadwalkan'), ('ask', 'Tanya pelapor'), ('answer', 'Jawab pertanyaan'), ('forward', 'Minta pihak luar kota'), ('receive', 'Catat jawaban instansi'), ('fix', 'Selesai dikerjakan'), ('resolve', 'Selesai'), ('reject', 'Tolak'), ('reroute', 'Alihkan ke dinas lain'), ('withdraw', 'Cabut laporan'), ('reopen', 'Buka kembali'), ('comment', 'Tanggapan publik'), ('add', 'Tambahan dari pelapor'), ('split', 'Bagi ke beberapa dinas'), ('write', 'Tulis kepada pelapor'), ('pause', 'Hentikan jam')], max_length=10)),
                ('name', models.CharField(max_length=80)),
                ('text', models.TextField(max_length=2000)),
                ('active', models.BooleanField(default=True)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='issues.category')),
                ('city', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='geodata.city')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='geodata.department')),
            ],
            options={
                'verbose_name': 'contoh balasan',
                'verbose_name_plural': 'contoh balasan',
                'ordering': ['step', 'name'],
                'constraints': [models.UniqueConstraint(models.F('city'), models.F('department'), models.F('category'), models.F('step'), models.F('name'), name='reply_template_has_one_name', nulls_distinct=False)],
            },
        ),
    ]
