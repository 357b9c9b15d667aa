"""What can be wrong with a row of a file, in words; a fault is one of these codes and a detail."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as lazy

from issues import privacy

FAULTS: Final = {
    "cells": lazy("jumlah kolom keliru"),
    "formula": lazy("sel berisi rumus"),
    "encoding": lazy("huruf rusak"),
    "control": lazy("karakter kendali"),
    "no_id": lazy("tanpa ID"),
    "double": lazy("ID kembar di berkas ini"),
    "too_long": lazy("terlalu panjang"),
    "no_words": lazy("tanpa keterangan"),
    "category": lazy("kategori tidak dikenal"),
    "status": lazy("status tidak dikenal"),
    "department": lazy("dinas tidak dikenal"),
    "channel": lazy("asal tidak dikenal"),
    "area": lazy("wilayah tidak dikenal"),
    "no_date": lazy("tanpa tanggal diterima"),
    "bad_date": lazy("tanggal tidak terbaca"),
    "future": lazy("tanggal di masa depan"),
    "order": lazy("selesai sebelum diterima"),
    "no_end": lazy("ditutup tanpa tanggal"),
    "open_end": lazy("masih terbuka, tetapi bertanggal selesai"),
    "not_number": lazy("koordinat bukan angka"),
    "not_place": lazy("bukan tempat di bumi"),
    "zero": lazy("koordinat 0/0"),
    "swapped": lazy("bujur dan lintang tertukar"),
    "whole": lazy("koordinat terpotong menjadi derajat bulat"),
    "default": lazy("titik bawaan"),
    "geometry": lazy("bukan titik"),
    "route": lazy("tidak dapat dimuat"),
    "photo": lazy("foto"),
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
