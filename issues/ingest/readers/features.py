"""GeoJSON: a collection or one feature a line, read piece by piece, points only.

Source: RFC 7946; RFC 8142 for one feature a line.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final, TextIO

from django.utils.translation import gettext as _

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell, Opened, Raw, UnreadableRows

PIECE: Final = 1 << 16
LONGEST: Final = 1 << 24
"""Letters of one feature; more is no list of points."""

_LIST: Final = re.compile(r'"features"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"\A[\s,\x1e]+")
_MORE: Final = object()
"""What stands for a feature whose end was not read yet; `null` is a value."""


def opened(path: Path, wanted: Sequence[str], _options: Mapping[str, str]) -> Opened:
    """Open a GeoJSON file. Raises `UnreadableRows` as `open_rows`."""

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        with path.open(encoding="utf-8-sig", errors="replace") as text:
            try:
                for number, feature in zip(count(1), _features(text, told), strict=False):
                    yield _raw(number, feature, wanted)
            except RecursionError:
                raise UnreadableRows(_("GeoJSON bersarang terlalu dalam")) from None

    first = next(rows(lambda _read: None), None)
    if first is None:
        raise UnreadableRows(_("berkas tidak berisi apa pun"))
    return Opened(
        (_("Pengodean: %(name)s") % {"name": "utf-8"},), path.stat().st_size, rows, "4326"
    )


def _features(text: TextIO, told: Callable[[int], None]) -> Iterator[object]:
    """Yield the features of a file, or what stands in their place, holding one piece at a time."""
    decoder = json.JSONDecoder()
    held, is_list = _start(text)
    read = 0
    while True:
        held = _BETWEEN.sub("", held, count=1)
        if is_list and held.startswith("]"):
            return
        feature, end = _first(decoder, held)
        if feature is not _MORE:
            held = held[end:]
            yield feature
            continue
        piece = text.read(max(PIECE, len(held)))
        if not piece or len(held) > LONGEST:
            if held or is_list:
                raise UnreadableRows(_("GeoJSON terpotong atau rusak"))
            return
        read += len(piece)
        told(read)
        held += piece


def _first(decoder: json.JSONDecoder, held: str) -> tuple[object, int]:
    """Read the value at the start of a text: what it is, where it ends."""
    try:
        return decoder.raw_decode(held) if held else (_MORE, 0)
    except json.JSONDecodeError:
        return _MORE, 0
    except ValueError:
        # A number of thousands of digits.
        raise UnreadableRows(_("GeoJSON terpotong atau rusak")) from None


def _start(text: TextIO) -> tuple[str, bool]:
    """Read up to the first feature; also say whether features stand in a list that must end."""
    head = text.read(PIECE)
    found = _LIST.search(head)
    return (head[found.end() :], True) if found else (head, False)


def _raw(number: int, feature: object, wanted: Sequence[str]) -> Raw:
    properties = feature.get("properties") or {} if isinstance(feature, Mapping) else None
    if not isinstance(feature, Mapping) or not isinstance(properties, Mapping):
        return Raw(number, dict.fromkeys(wanted, ""), (Fault("feature"),))
    cells = {name: _cell(properties.get(name, feature.get(name))) for name in wanted}
    geometry = feature.get("geometry")
    if geometry is None:
        return Raw(number, cells)
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        kind = geometry.get("type") if isinstance(geometry, Mapping) else geometry
        return Raw(number, cells, (Fault("geometry", str(kind)),))
    try:
        lon, lat = map(float, geometry["coordinates"][:2])
    except (KeyError, OverflowError, TypeError, ValueError):
        return Raw(number, cells, (Fault("not_number"),))
    return Raw(number, cells, (), (lon, lat))


def _cell(value: object) -> Cell:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
