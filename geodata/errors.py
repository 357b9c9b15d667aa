"""What can go wrong with places; an error's docstring is what the person reads."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy


class GeodataError(Exception):
    """Something is wrong with a place."""


class BadCoordinate(GeodataError):
    """Koordinat tidak dapat dibaca: bujur dan lintang harus berupa angka derajat yang wajar."""


class OutsideCoverage(GeodataError):
    """Titik berada di luar wilayah kota."""

    def __init__(self, neighbour: str = "", distance_m: float | None = None) -> None:
        super().__init__(neighbour, distance_m)
        self.neighbour = neighbour
        self.distance_m = distance_m


class UnknownLevel(GeodataError):
    """Tingkat wilayah tidak dikenal."""


class UnreadableFile(GeodataError):
    """Berkas geodata tidak dapat dibaca."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a boundary or asset file.

    Attributes:
        kind: `invalid`, `overlap`, `gap`, `sliver`, `missing_code`, `double_code`, `empty`,
            `outside`, `swapped`, `no_crs`, `not_an_area`, `bad_number`, `double_place` …
        names: the features concerned, by name (and code).
        area_m2: size in square metres, None where size means nothing.
        place: (longitude, latitude) of a spot inside the fault, EPSG:4326; None without one.
        tolerable: True when `--accept-slivers` may let it pass.
        detail: what was found, in Indonesian.
        shape: the piece of land at fault as a GeoJSON geometry, EPSG:4326; None without one.
    """

    kind: str
    names: tuple[str, ...]
    area_m2: float | None = None
    place: tuple[float, float] | None = None
    tolerable: bool = False
    detail: str = ""
    shape: dict[str, Any] | None = None


KINDS: Final = {
    "bad_date": gettext_lazy("tanggal keliru"),
    "bad_number": gettext_lazy("bukan angka"),
    "double_code": gettext_lazy("kode kembar"),
    "double_place": gettext_lazy("tempat kembar"),
    "empty": gettext_lazy("tanpa geometri"),
    "gap": gettext_lazy("celah"),
    "invalid": gettext_lazy("geometri tidak sah"),
    "metres": gettext_lazy("bukan derajat"),
    "missing_code": gettext_lazy("tanpa kode"),
    "missing_name": gettext_lazy("tanpa nama"),
    "no_attributes": gettext_lazy("tanpa keterangan"),
    "no_class": gettext_lazy("tanpa status jalan"),
    "no_crs": gettext_lazy("tanpa CRS"),
    "not_an_area": gettext_lazy("bukan wilayah"),
    "outside": gettext_lazy("di luar Indonesia"),
    "outside_city": gettext_lazy("di luar kota"),
    "overlap": gettext_lazy("tumpang tindih"),
    "sign": gettext_lazy("tanda minus"),
    "sliver": gettext_lazy("serpihan"),
    "swapped": gettext_lazy("koordinat terbalik"),
    "too_long": gettext_lazy("terlalu panjang"),
    "wrong_geometry": gettext_lazy("geometri lain"),
}
"""What a problem of each kind is called."""


class BadBoundaries(GeodataError):
    """Berkas batas wilayah ditolak; setiap masalahnya disebut."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems
