"""What a cell means: numbers, dates, places. Pure; what cannot be read is a fault, no guess."""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell

BROKEN: Final = "\ufffd"
_ALLOWED: Final = "\n\r\t"
_TIME: Final = re.compile("%[HIMScX]")
"""What tells the time in a format of `strptime`."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A point (degrees, EPSG:4326) or none; what is wrong with it; whether it was turned right."""

    lon: float | None = None
    lat: float | None = None
    fault: Fault | None = None
    corrected: bool = False


def number(cell: Cell) -> float | None:
    """Read a number, also one with a decimal comma; None for an empty cell.

    Raises:
        ValueError: it is none, or not finite.
    """
    text = str(cell if cell is not None else "").strip()
    if not text:
        return None
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1)
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def place(lon: float | None, lat: float | None, extent: Box, *, correct: bool) -> Place:
    """Judge a point.

    Args:
        lon: degrees, EPSG:4326, or what stands in that column.
        lat: as `lon`.
        extent: the city's box (W, S, E, N), degrees, with some room.
        correct: whether swapped axes are set right.
    """
    if lon is None and lat is None:
        return Place()
    if lon is None or lat is None:
        return Place(fault=Fault("not_number"))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return Place(fault=Fault("not_number", f"{lat}, {lon}"))
    is_swapped = not _inside(lon, lat, extent) and _inside(lat, lon, extent)
    if is_swapped and correct:
        return Place(lat, lon, corrected=True)
    fault = _fault(lon, lat, is_swapped=is_swapped)
    return Place(fault=fault) if fault else Place(lon, lat)


def _fault(lon: float, lat: float, *, is_swapped: bool) -> Fault | None:
    detail = f"{lat:g}, {lon:g}"
    if is_swapped:
        # The proposal: what it would be the other way round.
        return Fault("swapped", f"{detail} → {lon:g}, {lat:g}")
    if lon == 0 and lat == 0:
        return Fault("zero")
    if abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004  the globe
        return Fault("not_place", detail)
    if lon.is_integer() and lat.is_integer():
        return Fault("whole", detail)
    return None


def _inside(lon: float, lat: float, box: Box) -> bool:
    west, south, east, north = box
    return west <= lon <= east and south <= lat <= north


def moment(cell: Cell, formats: Sequence[str], zone: ZoneInfo) -> datetime | None:
    """Read an instant, in UTC; None for an empty cell.

    Args:
        cell: text or what a workbook knows to be a date.
        formats: of `strptime`, tried in order; without any, ISO 8601.
        zone: where the text names none.

    Raises:
        ValueError: no format fits.
    """
    if isinstance(cell, datetime):
        return _aware(cell, zone)
    text = str(cell if cell is not None else "").strip()
    if not text:
        return None
    if not formats:
        return _aware(datetime.fromisoformat(text), zone)
    for one in formats:
        try:
            return _aware(datetime.strptime(text, one), zone)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
    raise ValueError(text)


def is_day(cell: Cell, formats: Sequence[str]) -> bool:
    """Whether a cell that `moment` can read names a day and no time; a workbook's day is midnight.

    Args:
        cell: as for `moment`.
        formats: as for `moment`.
    """
    if isinstance(cell, datetime):
        return cell.tzinfo is None and cell.time() == time.min
    text = str(cell if cell is not None else "").strip()
    if not formats:
        return _fits(date.fromisoformat, text)
    fitting = (one for one in formats if _fits(datetime.strptime, text, one))
    return _TIME.search(next(fitting, "%H").replace("%%", "")) is None


def _fits(read: Callable[..., object], *given: str) -> bool:
    try:
        read(*given)
    except ValueError:
        return False
    return True


def _aware(found: datetime, zone: ZoneInfo) -> datetime:
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def text_fault(text: str) -> Fault | None:
    """Find what must not be in a text: broken letters, NUL and other control characters."""
    if text.isascii() and text.isprintable():
        return None
    if BROKEN in text:
        return Fault("encoding")
    for char in text:
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in _ALLOWED:
            return Fault("control", f"U+{ord(char):04X}")
    return None
