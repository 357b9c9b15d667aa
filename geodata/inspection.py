"""An uploaded file of areas, checked in a locked room; what comes out is checked once more.

The room (`boundary_room.py`) is a process of its own: nothing here opens the file with GDAL, loads
geopandas or believes a number of the answer before it is finite and in range.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.contrib.gis.geos import MultiPolygon
from django.utils.translation import gettext as _

from geodata import locks, rooms
from geodata.errors import UnreadableFile
from geodata.geometry import multipolygon, to_geos
from geodata.levels import Level

SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".zip")
MAX_BYTES: Final = 50_000_000
"""A larger upload is refused before anything reads it."""
SHOWN: Final = 500
"""Faults that are kept; whoever has more mends these first."""

_ROOM: Final = Path(__file__).with_name("boundary_room.py")
_QUIET: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
_READY: Final = b"ready\n"
_POLYGON, _MULTIPOLYGON = 3, 6
_LENGTHS: Final = {"code": 30, "name": 120, "kind": 30, "parent_code": 30}

logger = logging.getLogger(__name__)


class RoomBroken(RuntimeError):
    """The locked room itself did not start: not the file's fault, so try again and tell staff."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the room may use; two million vertices need some 1.5 GB and 40 s."""

    memory: int = 4 * 2**30
    cpu_s: int = 120
    wall_s: float = 240.0
    output_bytes: int = 160 * 2**20
    files: int = 64


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area as the file has it; `area` may be invalid, its numbers are finite and in range."""

    code: str
    name: str
    kind: str
    parent_code: str
    area: MultiPolygon


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the room found.

    Attributes:
        rows: how many areas the file has.
        crs: what it is read in; empty where none is known.
        areas: those that can be drawn.
        problems: as `errors.Problem`, the first `SHOWN`.
        more: how many problems are not among them.
        notes: what somebody should know though it is no fault.
    """

    rows: int
    crs: str
    areas: Sequence[Drawn]
    problems: Sequence[Mapping[str, Any]]
    more: int = 0
    notes: Sequence[str] = field(default=())


def inspect(
    path: Path,
    *,
    level: Level,
    metric_srid: int,
    extent: Sequence[float],
    crs: str = "",
    limits: Limits = LIMITS,
) -> Inspection:
    """Have a file of areas read and checked in the locked room.

    Args:
        path: a local file; its ending says what it claims to be.
        level: of all its areas.
        metric_srid: the city's plane in metres.
        extent: the city's box (W, S, E, N) in degrees.
        crs: the CRS to read it in, instead of what the file says.
        limits: what the room may use.

    Raises:
        UnreadableFile: it is no such file, too large or too heavy, or its answer makes no sense.
        RoomBroken: the room did not start.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise UnreadableFile(
            _("jenis berkas tidak dikenal; yang dibaca: %(kinds)s") % {"kinds": kinds}
        )
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile(too_large())
    told = {
        **asdict(limits),
        "suffix": suffix,
        "level": int(level),
        "metric_srid": metric_srid,
        "extent": list(extent),
        "crs": crs,
    }
    with (
        _folder() as folder,
        path.open("rb") as file,
        rooms.memory("answer") as answer,
        rooms.memory("said") as said,
    ):
        code = rooms.run(
            _ROOM,
            told | {"folder": folder, "answer": answer.fileno()},
            source=file,
            said=said,
            answers=[answer.fileno()],
            wall_s=limits.wall_s,
            environment={**_QUIET, "TMPDIR": folder},
        )
        found = _judge(code, rooms.content(answer), rooms.content(said))
    return _read(found)


def too_large() -> str:
    """Say how large a file may be."""
    return _("berkas melebihi %(size)d MB; bagilah dulu") % {"size": MAX_BYTES // 1_000_000}


# The room ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """Give the room a folder of its own, and take all that it left there away."""
    folder = tempfile.mkdtemp(prefix="civicmap-batas-")
    try:
        if os.geteuid() == 0:
            os.chown(folder, locks.NOBODY, locks.NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judge(code: int, answer: bytes, said: bytes) -> dict[str, Any]:
    """Read exit code and answer of the room; no answer is a refusal."""
    if code:
        logger.warning("boundary room: exit code %d, %r", code, said.splitlines()[-1:])
    heavy = code in (-signal.SIGXCPU, -signal.SIGKILL)
    if not answer.startswith(_READY) and not heavy:
        raise RoomBroken(code)
    if code:
        raise UnreadableFile(_heavy() if heavy or b"MemoryError" in said else _broken())
    try:
        found: dict[str, Any] = json.loads(answer.removeprefix(_READY))
    except (ValueError, RecursionError):
        raise UnreadableFile(_broken()) from None
    if "refused" in found:
        heavy = found["refused"] == "heavy"
        raise UnreadableFile(_heavy() if heavy else str(found.get("detail", ""))[:250])
    return found


def _heavy() -> str:
    return _("berkas terlalu berat untuk diperiksa; sederhanakan atau bagilah dulu")


def _broken() -> str:
    return _("berkas rusak")


# The answer, not believed --------------------------------------------------------------------


def _read(found: Mapping[str, Any]) -> Inspection:
    """Take over what makes sense.

    Raises:
        UnreadableFile: the room was taken over, or a number is no place on earth.
    """
    try:
        return Inspection(
            rows=int(found["rows"]),
            crs=str(found["crs"])[:200],
            areas=[drawn for row in found["areas"] if (drawn := _drawn(row))],
            problems=list(found["problems"])[:SHOWN],
            more=max(0, len(found["problems"]) - SHOWN),
            notes=[str(note)[:300] for note in found["notes"]][:SHOWN],
        )
    except (KeyError, TypeError, ValueError, struct.error):
        raise UnreadableFile(_broken()) from None


def _drawn(row: Mapping[str, str]) -> Drawn | None:
    """Make an area; None where its numbers are no degrees: the problems say so."""
    wkb = bytes.fromhex(row["wkb"])
    if not is_sane(wkb):
        return None
    words = {name: str(row[name])[:most] for name, most in _LENGTHS.items()}
    return Drawn(**words, area=multipolygon(to_geos(wkb)))


def is_sane(wkb: bytes) -> bool:
    """Whether bytes are one (multi)polygon whose every number is a degree of longitude or latitude.

    GEOS aborts the process on a point at 1e200, and a count of 1e9 would have it ask for memory.

    Raises:
        ValueError: they are no such thing.
        struct.error: they end too early.
    """
    sane, end = _geometry(wkb, 0, (_POLYGON, _MULTIPOLYGON))
    if end != len(wkb):
        raise ValueError
    return sane


def _geometry(wkb: bytes, at: int, kinds: Sequence[int]) -> tuple[bool, int]:
    """Walk over a polygon or a multipolygon. Source: OGC 06-103r4, section 8.2."""
    order, kind, count = struct.unpack_from("<BII", wkb, at)
    if order != 1 or kind not in kinds:
        raise ValueError
    at, sane = at + 9, True
    for _number in range(count):
        one, at = _geometry(wkb, at, (_POLYGON,)) if kind == _MULTIPOLYGON else _ring(wkb, at)
        sane = sane and one
    return sane, at


def _ring(wkb: bytes, at: int) -> tuple[bool, int]:
    (count,) = struct.unpack_from("<I", wkb, at)
    corners = np.frombuffer(wkb, dtype="<f8", count=2 * count, offset=at + 4).reshape(-1, 2)
    # A comparison with NaN is false, so what is not finite is not sane.
    sane = bool((np.abs(corners) <= (180.0, 90.0)).all())
    return sane, at + 4 + 16 * count
