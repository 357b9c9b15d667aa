"""What can be wrong with a row of a file, in words; a fault is one of these codes and a detail."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy

from issues import privacy

FAULTS: Final = {
    "cells": gettext_lazy("jumlah kolom keliru"),
    "formula": gettext_lazy("sel berisi rumus"),
    "encoding": gettext_lazy("huruf rusak"),
    "control": gettext_lazy("karakter kendali"),
    "no_id": gettext_lazy("tanpa ID"),
    "double": gettext_lazy("ID kembar di berkas ini"),
    "too_long": gettext_lazy("terlalu panjang"),
    "no_words": gettext_lazy("tanpa keterangan"),
    "category": gettext_lazy("kategori tidak dikenal"),
    "status": gettext_lazy("status tidak dikenal"),
    "department": gettext_lazy("dinas tidak dikenal"),
    "channel": gettext_lazy("asal tidak dikenal"),
    "area": gettext_lazy("wilayah tidak dikenal"),
    "no_date": gettext_lazy("tanpa tanggal diterima"),
    "bad_date": gettext_lazy("tanggal tidak terbaca"),
    "too_old": gettext_lazy("tanggal terlalu tua"),
    "future": gettext_lazy("tanggal di masa depan"),
    "order": gettext_lazy("tanggal sebelum diterima"),
    "no_end": gettext_lazy("ditutup tanpa tanggal"),
    "open_end": gettext_lazy("masih terbuka, tetapi bertanggal selesai"),
    "not_number": gettext_lazy("koordinat bukan angka"),
    "not_place": gettext_lazy("bukan tempat di bumi"),
    "zero": gettext_lazy("koordinat 0/0"),
    "swapped": gettext_lazy("bujur dan lintang tertukar"),
    "whole": gettext_lazy("koordinat terpotong menjadi derajat bulat"),
    "default": gettext_lazy("titik bawaan"),
    "feature": gettext_lazy("bukan fitur GeoJSON"),
    "geometry": gettext_lazy("bukan titik"),
    "route": gettext_lazy("tidak dapat dimuat"),
    "photo": gettext_lazy("dimuat tanpa foto"),
}
"""Code → what it is called."""

PLACE: Final = frozenset({"not_number", "not_place", "zero", "swapped", "whole", "default"})
"""Faults of the place alone: where the mapping says so, such a row comes in without a point."""

MOST: Final = 300
"""Letters of a detail: enough to find the cell."""

_PART: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a row."""

    code: str
    detail: str = ""

    @classmethod
    def read(cls, text: str) -> "Fault":
        """Read what `stored` wrote."""
        code, _part, detail = text.partition(_PART)
        return cls(code, detail)

    @property
    def stored(self) -> str:
        """The fault as the staging table keeps it."""
        return f"{self.code}{_PART}{privacy.clean_text(self.detail)[:MOST]}"

    def __str__(self) -> str:
        name = str(FAULTS[self.code])
        return f"{name}: {self.detail}" if self.detail else name
