"""The hub of administration: one list of doors, each with a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from issues.views import staff
from issues.views.staff import StaffRequest


@dataclass(frozen=True, slots=True)
class Door:
    """One page of the administration: the name of its address, its title, what it is for."""

    name: str
    title: Any
    text: Any


HUB: Final[Sequence[tuple[Any, Sequence[Door]]]] = (
    (
        _("Siapa bekerja di sini"),
        (
            Door("people", _("Orang"), _("Undang, beri peran, tunjuk wakil, akhiri.")),
            Door("units", _("Unit"), _("Bidang dan regu setiap dinas.")),
            Door(
                "trail",
                _("Jejak"),
                _("Siapa mengubah pengaturan, siapa membuka identitas, semua peristiwa; CSV."),
            ),
            Door(
                "configuration",
                _("Pengaturan sebagai berkas"),
                _("Unduh seluruh pengaturan kota, atau muat dan lihat akibatnya dulu."),
            ),
        ),
    ),
    (
        _("Kata-kata dan tanda"),
        (
            Door("replies", _("Contoh balasan"), _("Teks per langkah, jenis dan dinas.")),
            Door("stickers", _("Stiker tiang"), _("Kode QR yang membuka formulir.")),
        ),
    ),
    (
        _("Siapa berwenang di mana"),
        (
            Door(
                "borders",
                _("Batas wilayah"),
                _("Unggah batas baru, lihat laporan mana yang pindah, terbitkan, batalkan."),
            ),
            Door(
                "specials",
                _("Kawasan khusus"),
                _("Gambar pasar, pelabuhan atau kawasan yang punya pengelola sendiri."),
            ),
            Door(
                "rules",
                _("Aturan disposisi"),
                _("Jenis laporan dan tempat, ke dinas mana; ubah dan lihat akibatnya dulu."),
            ),
            Door(
                "simulator",
                _("Simulator aturan"),
                _("Siapa yang menerima laporan ini di sini, dan mengapa?"),
            ),
            Door(
                "coverage",
                _("Celah dan tumpang tindih"),
                _("Lahan tanpa wilayah, lahan berganda, jenis laporan tanpa dinas."),
            ),
        ),
    ),
)
"""The doors by group; a chapter adds its own here."""


@require_safe
def hub(request: StaffRequest) -> HttpResponse:
    """Show the doors of the administration."""
    return render(request, "manage/hub.html", staff.frame(request, "manage", groups=HUB))
