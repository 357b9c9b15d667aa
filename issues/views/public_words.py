"""The words of the public map: sentences of the timeline, and what its JavaScript says."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.workflow import Step

TOLD: Final[Mapping[Step, Promise]] = {
    Step.SUBMIT: gettext_lazy("Laporan diterima."),
    Step.VERIFY: gettext_lazy("Laporan diverifikasi tim koordinator."),
    Step.ASSIGN: gettext_lazy("Diteruskan kepada %(department)s."),
    Step.ACCEPT: gettext_lazy("%(department)s menerima laporan ini."),
    Step.REFUSE: gettext_lazy("%(department)s menyatakan ini bukan wewenangnya."),
    Step.RESPOND: gettext_lazy("%(department)s memberi respon awal."),
    Step.SCHEDULE: gettext_lazy("%(department)s menjadwalkan penanganan."),
    Step.START: gettext_lazy("Petugas %(department)s mulai bekerja di lapangan."),
    Step.ASK: gettext_lazy("Pelapor ditanya; menunggu jawabannya."),
    Step.ANSWER: gettext_lazy("Pelapor sudah menjawab."),
    Step.FORWARD: gettext_lazy("Diteruskan ke instansi lain."),
    Step.RECEIVE: gettext_lazy("Instansi lain sudah menjawab."),
    Step.FIX: gettext_lazy("Perbaikan selesai, menunggu validasi."),
    Step.VALIDATE: gettext_lazy("Perbaikan dinyatakan sudah beres."),
    Step.RESOLVE: gettext_lazy("Selesai ditangani."),
    Step.REJECT: gettext_lazy("Tidak dapat ditindaklanjuti."),
    Step.MERGE: gettext_lazy("Digabungkan dengan laporan lain tentang hal yang sama."),
    Step.UNMERGE: gettext_lazy("Penggabungan dibatalkan."),
    Step.REROUTE: gettext_lazy("Dialihkan; sekarang ditangani %(department)s."),
    Step.WITHDRAW: gettext_lazy("Dicabut pelapor."),
    Step.REOPEN: gettext_lazy("Dibuka kembali."),
    Step.COMMENT: gettext_lazy("Tanggapan %(department)s."),
}
"""Step → its sentence to the public; a step without one is shown by its label."""


def told(step: Step, department: str) -> str:
    """Say in one sentence what happened."""
    return str(TOLD.get(step, step.label)) % {"department": department or _("tim koordinator")}


def of_the_map() -> dict[str, str]:
    """Collect what the map's JavaScript says, in the reader's language; places stand in braces."""
    return {
        "zoomIn": _("Perbesar peta"),
        "zoomOut": _("Perkecil peta"),
        "map": _("Peta laporan; isi yang sama ada di daftar"),
        "reports": _("{n} laporan"),
        "unplaced": _("termasuk {n} tanpa titik di peta"),
        "cluster": _("{n} laporan, {open} terbuka, perbesar"),
        "markers": _("Laporan di peta; tombol panah untuk berpindah, Enter untuk membuka"),
        "overdue": _("melewati batas waktu"),
        "loading": _("Memuat…"),
        "failed": _("Tidak dapat memuat. Periksa jaringan, lalu coba lagi."),
        "empty": _("Tidak ada laporan dengan saringan ini."),
        "due": _("Tenggat {date}"),
        "more": _("Tampilkan lebih banyak"),
        "open": _("Buka laporan"),
        "close": _("Tutup"),
        "handled": _("Ditangani {department}"),
        "perKm2": _("{n} per km²"),
        "areaCount": _("{n} laporan, {open} terbuka"),
        "onlyArea": _("Hanya laporan di wilayah ini"),
        "noArea": _("Semua wilayah"),
        "inArea": _("Wilayah: {name}"),
        "approximate": _("wilayah perkiraan untuk demo"),
        "nothingFound": _("Tidak ditemukan. Coba nama jalan, desa, atau nomor laporan."),
        "found": _("{n} hasil"),
        "copied": _("Tautan tersalin."),
        "heat": _("Peta panas"),
        "shade": _("Kepadatan per kecamatan"),
        "heatPeriodAll": _("semua waktu"),
        "heatPeriod": _("{from} sampai {to}"),
        "heatNone": _("tidak ada"),
        "report": _("Laporan {number}"),
    }
