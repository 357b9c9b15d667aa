"""The words of the public map: sentences of the timeline, and what its JavaScript says."""

from django.utils.translation import gettext as _

from issues.notifications import TOLD
from issues.workflow import Step


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
        "inReports": _("Cari laporan tentang “{text}”"),
        "copied": _("Tautan tersalin."),
        "heat": _("Peta panas"),
        "shade": _("Kepadatan per kecamatan"),
        "heatPeriodAll": _("semua waktu"),
        "heatPeriod": _("{from} sampai {to}"),
        "heatNone": _("tidak ada"),
        "report": _("Laporan {number}"),
    }
