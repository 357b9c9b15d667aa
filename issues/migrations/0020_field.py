"""The desk's chapter "field": the crew's log, proof of repair by time and place."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A log of ops, and what a photo of a repair says of its own making."""

    dependencies = [
        ("issues", "0019_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name='FieldOp',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('step', models.CharField(max_length=10)),
                ('note', models.TextField(blank=True)),
                ('base_version', models.PositiveIntegerField(help_text='versi yang dilihat petugas')),
                ('sent_at', models.DateTimeField(help_text='menurut alat petugas')),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('done', 'tersimpan'), ('conflict', 'bertabrakan'), ('refused', 'ditolak')], max_length=10)),
                ('result_version', models.PositiveIntegerField(null=True)),
                ('body_hash', models.CharField(max_length=64)),
                ('answer', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'langkah dari lapangan',
                'verbose_name_plural': 'langkah dari lapangan',
                'ordering': ['received_at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='photo',
            name='accuracy_m',
            field=models.FloatField(help_text='ketelitian tempat itu, meter', null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='capture_point',
            field=django.contrib.gis.db.models.fields.PointField(help_text='menurut alat petugas', null=True, spatial_index=False, srid=4326),
        ),
        migrations.AddField(
            model_name='photo',
            name='captured_at',
            field=models.DateTimeField(help_text='menurut alat petugas', null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='distance_m',
            field=models.FloatField(help_text='dari titik laporan, meter', null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='step',
            field=models.CharField(choices=[('submit', 'Laporan diterima'), ('review', 'Tinjau teks dan foto'), ('verify', 'Verifikasi'), ('assign', 'Disposisikan'), ('accept', 'Terima'), ('refuse', 'Bukan wewenang kami'), ('respond', 'Beri respon awal'), ('schedule', 'Jadwalkan'), ('start', 'Kerjakan'), ('ask', 'Tanya pelapor'), ('answer', 'Jawab pertanyaan'), ('forward', 'Minta pihak luar kota'), ('receive', 'Catat jawaban instansi'), ('fix', 'Selesai dikerjakan'), ('validate', 'Validasi perbaikan'), ('resolve', 'Selesai'), ('reject', 'Tolak'), ('merge', 'Gabungkan sebagai duplikat'), ('unmerge', 'Batalkan penggabungan'), ('reroute', 'Alihkan ke dinas lain'), ('withdraw', 'Cabut laporan'), ('reopen', 'Buka kembali'), ('hide', 'Sembunyikan dari publik'), ('unhide', 'Tampilkan lagi'), ('comment', 'Tanggapan publik'), ('note', 'Catatan internal'), ('attach', 'Tambah foto'), ('classify', 'Ubah jenis'), ('add', 'Tambahan dari pelapor'), ('correct', 'Kontak diperbaiki'), ('rate', 'Penilaian pelapor'), ('split', 'Bagi ke beberapa dinas'), ('delegate', 'Tugaskan'), ('travel', 'Menuju lokasi'), ('not_found', 'Tidak ditemukan'), ('help', 'Perlu bantuan'), ('write', 'Tulis kepada pelapor'), ('undo', 'Batalkan langkah terakhir'), ('pause', 'Hentikan jam'), ('resume', 'Jalankan jam lagi'), ('reclock', 'Tenggat dihitung ulang'), ('remind', 'Pengingat tenggat'), ('escalate', 'Naik ke atasan'), ('confide', 'Jadikan rahasia'), ('disclose', 'Cabut kerahasiaan'), ('flag', 'Ditandai'), ('unflag', 'Tanda diperiksa')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='photo',
            index=models.Index(condition=models.Q(('phash', ''), _negated=True), fields=['created_at'], name='photo_by_likeness'),
        ),
        migrations.AddField(
            model_name='fieldop',
            name='issue',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='field_ops', to='issues.issue'),
        ),
        migrations.AddField(
            model_name='fieldop',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='fieldop',
            index=models.Index(condition=models.Q(('state', 'conflict')), fields=['issue'], name='field_op_in_conflict'),
        ),
    ]
