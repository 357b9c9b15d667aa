"""GeoJSON: a collection or one feature a line, read piece by piece, points only.

Source: RFC 7946; RFC 8142 for one feature a line.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final, TextIO

from django.utils.translation import gettext as _

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell, Opened, Raw, UnreadableRows

PIECE: Final = 1 << 16
LONGEST: Final = 1 << 24
"""Letters of one feature; more is no list of points."""

_LIST: Final = re.compile(r'"features"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"\A[\s,\x1e]+")


def opened(path: Path, wanted: Sequence[str], _options: Mapping[str, str]) -> Opened:
    """Open a GeoJSON file. Raises `UnreadableRows` as `open_rows`."""

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        with path.open(encoding="utf-8-sig", errors="replace") as text:
            for number, feature in zip(count(1), _features(text, told), strict=False):
                yield _raw(number, feature, wanted)

    first = next(rows(lambda _read: None), None)
    if first is None:
        raise UnreadableRows(_("berkas tidak berisi apa pun"))
    return Opened(
        (_("Pengodean: %(name)s") % {"name": "utf-8"},), path.stat().st_size, rows, "4326"
    )


def _features(text: TextIO, told: Callable[[int], None]) -> Iterator[dict[str, Any]]:
    """Yield the features of a file, holding one piece of it at a time."""
    decoder = json.JSONDecoder()
    held, read = _start(text), 0
    while True:
        held = _BETWEEN.sub("", held, count=1)
        if held.startswith("]"):
            return
        try:
            feature, end = decoder.raw_decode(held) if held else (None, 0)
        except json.JSONDecodeError:
            feature, end = None, 0
        if feature is None:
            piece = text.read(max(PIECE, len(held)))
            if not piece or len(held) > LONGEST:
                _check_end(held)
                return
            read += len(piece)
            told(read)
            held += piece
            continue
        held = held[end:]
        if isinstance(feature, dict):
            yield feature


def _start(text: TextIO) -> str:
    """Read up to the first feature."""
    head = text.read(PIECE)
    found = _LIST.search(head)
    return head[found.end() :] if found else head


def _check_end(held: str) -> None:
    if held.strip(" \n\r\t,]}"):
        raise UnreadableRows(_("GeoJSON terpotong atau rusak"))


def _raw(number: int, feature: Mapping[str, Any], wanted: Sequence[str]) -> Raw:
    properties = feature.get("properties") or {}
    cells = {name: _cell(properties.get(name, feature.get(name))) for name in wanted}
    geometry = feature.get("geometry")
    if geometry is None:
        return Raw(number, cells)
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        kind = geometry.get("type") if isinstance(geometry, Mapping) else geometry
        return Raw(number, cells, (Fault("geometry", str(kind)),))
    try:
        lon, lat = map(float, geometry["coordinates"][:2])
    except (KeyError, TypeError, ValueError):
        return Raw(number, cells, (Fault("not_number"),))
    return Raw(number, cells, (), (lon, lat))


def _cell(value: object) -> Cell:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
