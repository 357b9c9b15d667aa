"""The desk's chapter "clocks": pauses, joint dates, alarms."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Generated."""

    dependencies = [("geodata", "0008_office_hours"), ("issues", "0015_desk")]

    operations = [
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_at', models.DateTimeField(help_text='surat yang memuatnya', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('date', models.CharField(choices=[('dispose', 'disposisi'), ('due', 'target'), ('limit', 'batas')], max_length=7)),
                ('percent', models.PositiveSmallIntegerField(blank=True, help_text='persen waktu kerja sampai tanggal itu, 1 sampai 99', null=True)),
                ('days_after', models.PositiveSmallIntegerField(blank=True, help_text='hari kerja sesudah tanggal itu; 0: tepat saat itu', null=True)),
                ('role', models.CharField(choices=[('crew', 'petugas lapangan'), ('liaison', 'admin penghubung'), ('dispatcher', 'admin koordinator'), ('leader', 'pimpinan')], max_length=15)),
                ('kind', models.CharField(choices=[('remind', 'mengingatkan'), ('escalate', 'menaikkan')], max_length=8)),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'aturan pengingat',
                'verbose_name_plural': 'aturan pengingat',
                'ordering': ['code'],
            },
        ),
        migrations.AddField(
            model_name='clock',
            name='answer_days',
            field=models.PositiveSmallIntegerField(db_default=10, default=10, help_text='hari kerja tanpa jawaban pelapor, sesudah itu laporan ditutup'),
        ),
        migrations.AddField(
            model_name='issue',
            name='escalated_to',
            field=models.CharField(blank=True, db_default='', max_length=15),
        ),
        migrations.AddField(
            model_name='issue',
            name='joint',
            field=models.BooleanField(db_default=False, default=False, help_text='tenggat bersama: lebih dari satu dinas'),
        ),
        migrations.AddField(
            model_name='issue',
            name='next_alarm_at',
            field=models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), help_text='kapan kalender melihatnya lagi: pengingat, eskalasi, tanpa jawaban', null=True),
        ),
        migrations.AddField(
            model_name='issue',
            name='paused_at',
            field=models.DateTimeField(blank=True, help_text='sejak kapan jamnya berhenti', null=True),
        ),
        migrations.AddField(
            model_name='issue',
            name='pauses',
            field=models.JSONField(blank=True, db_default=[], default=list, help_text='jeda sejak jam mulai: why, since, until, reason'),
        ),
        migrations.AddField(
            model_name='publicdetail',
            name='paused_at',
            field=models.DateTimeField(help_text='sejak kapan jamnya berhenti, dibulatkan', null=True),
        ),
        migrations.AddField(
            model_name='publicdetail',
            name='paused_for',
            field=models.CharField(blank=True, db_default='', help_text='mengapa; kosong: jawaban pelapor', max_length=300),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('next_alarm_at__isnull', False), ('status__in', frozenset(['assigned', 'fixed', 'forwarded', 'in_progress', 'needs_info', 'responded', 'scheduled', 'submitted', 'verified']))), fields=['next_alarm_at', 'id'], name='issue_open_by_alarm'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='issues.event'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='escalation',
            name='city',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalations', to='geodata.city'),
        ),
        migrations.AddField(
            model_name='escalation',
            name='clock',
            field=models.ForeignKey(blank=True, help_text='kosong: semua tenggat', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='issues.clock'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(fields=['user', 'told_at'], name='alarm_by_person'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('told_at__isnull', True)), fields=['user'], name='alarm_waits_for_a_letter'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(models.F('event'), models.F('user'), name='alarm_tells_a_person_once'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(models.F('city'), models.F('code'), name='escalation_code_is_unique_in_its_city'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('days_after__isnull', True), ('percent__isnull', False), ('percent__range', (1, 99))), models.Q(('days_after__isnull', False), ('percent__isnull', True)), _connector='OR'), name='escalation_goes_off_before_or_after', violation_error_message='Isi persen (1 sampai 99) atau hari sesudahnya, satu saja.'),
        ),
    ]
