"""Photos: bytes in, clean bytes out.

`accept` looks at header and size only, `clean` has a locked room (`photo_worker.py`, a process of
its own) decode the photo and paint it anew without metadata, `redact` burns black boxes into the
clean one. Nothing here opens an image in the calling process, nothing is shown before `clean` has
returned, and whatever fails ends as a refusal with its reason. Rows and storage are kept out:
actions and jobs bring the files here and carry them away.
"""

import contextlib
import errno
import hashlib
import json
import logging
import math
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from geodata import rooms
from issues.errors import PhotoRefused, StorageFull

MAX_BYTES: Final = 12 * 2**20
MAX_PIXELS: Final = 50_000_000
SIZES: Final[Mapping[str, int]] = {"large": 1600, "medium": 800, "small": 240}

WORKER: Final = Path(__file__).with_name("photo_worker.py")
READY: Final = b"ready\n"
ROUNDING: Final = 1e-6
# Enough for EXIF, ICC and XMP split into 64 KB pieces; more is somebody playing.
MAX_SEGMENTS: Final = 512
HEIC_BRANDS: Final = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
)
JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Start, JFIF, tables, frame, scan, restart interval, end: all that pixels need.
JPEG_BARE: Final = frozenset((0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA, 0xDD))
JPEG_NEXT: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

logger = logging.getLogger(__name__)


class SandboxBroken(RuntimeError):
    """The locked room itself did not start: not the photo's fault, so try again and tell staff."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept in quarantine."""

    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A photo that may be shown, and what its camera said: for staff and proof, never public.

    `sizes` has a path per name of `SIZES`; `width` and `height` are the large one's, upright;
    `gps` is (longitude, latitude), EPSG:4326; `phash` is 64 bits as 16 hex digits.
    """

    sizes: Mapping[str, Path]
    width: int
    height: int
    taken_at: datetime | None
    gps: tuple[float, float] | None
    phash: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a photo, upper left corner first, in fractions of its width and height."""

    x: float
    y: float
    w: float
    h: float

    def __post_init__(self) -> None:
        """Refuse what does not lie on the photo; a rounding error of the browser is forgiven."""
        inside = min(self.x, self.y) >= 0 and max(self.x + self.w, self.y + self.h) <= 1 + ROUNDING
        if not (inside and self.w > 0 and self.h > 0 and math.isfinite(sum(self.corners))):
            message = "a box lies within 0..1 and has a width and a height"
            raise ValueError(message)

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """The four numbers, as the worker wants them."""
        return self.x, self.y, self.w, self.h


@dataclass(frozen=True, slots=True)
class Limits:
    """What the locked room may use; a 50-megapixel JPEG, PNG or HEIC needs 480 MB and 3 s."""

    memory: int = 768 * 2**20
    cpu_s: int = 20
    wall_s: float = 60.0
    output_bytes: int = 4 * 2**20


LIMITS: Final = Limits()


def weigh(size: int) -> None:
    """Judge a file by its announced size, before anything reads it.

    Raises:
        PhotoRefused: it is over 12 MB.
    """
    if size > MAX_BYTES:
        raise PhotoRefused(_("foto lebih besar dari 12 MB, kirim yang lebih kecil"))


def accept(data: bytes) -> Accepted:
    """Judge a file by size and header, without decoding it.

    Raises:
        PhotoRefused: it is empty, over 12 MB, no JPEG, PNG, WebP or HEIC by content, or its
            header speaks of more than 50 megapixels.
    """
    if not data:
        raise PhotoRefused(_("berkas foto kosong, ambil ulang"))
    weigh(len(data))
    content_type = _content_type(data)
    if content_type is None:
        raise PhotoRefused(_("jenis berkas tidak diterima, kirim foto JPEG, PNG, WebP, atau HEIC"))
    if HEADER_PIXELS[content_type](data) > MAX_PIXELS:
        raise PhotoRefused(_refusal("pixels"))
    return Accepted(hashlib.sha256(data).hexdigest(), len(data), content_type)


def clean(
    path_in: Path, folder_out: Path, *, zone: tzinfo | None = None, limits: Limits = LIMITS
) -> Cleaned:
    """Decode a photo in the locked room and paint it anew, upright and bare, in three sizes.

    Args:
        path_in: the quarantined file.
        folder_out: an existing work folder; `large.jpg`, `medium.jpg` and `small.jpg` appear in
            it together or not at all. They are not yet durable: hand them to the storage.
        zone: where a capture time without an offset was taken; the current time zone if left out.
        limits: what the locked room may use.

    Raises:
        PhotoRefused: the photo cannot be decoded whole within the limits.
        StorageFull: no room in `folder_out`.
        SandboxBroken: the locked room did not start.
    """
    answer, pictures = _run(path_in, [], limits)
    taken_at = _moment(answer, zone or timezone.get_current_timezone())
    sizes = _keep(pictures, folder_out)
    return Cleaned(sizes, taken_at=taken_at, gps=_gps(answer), **_shape(answer))


def redact(
    path_clean_large: Path, boxes: Sequence[Box], folder_out: Path, *, limits: Limits = LIMITS
) -> Cleaned:
    """Burn black boxes into new pixels of all three sizes; all else as in `clean`."""
    answer, pictures = _run(path_clean_large, [box.corners for box in boxes], limits)
    return Cleaned(_keep(pictures, folder_out), taken_at=None, gps=None, **_shape(answer))


@contextlib.contextmanager
def full_disk_said() -> Iterator[None]:
    """Turn "no space left" and "quota exceeded" into `StorageFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise


# Header and size -----------------------------------------------------------------------------


def _content_type(data: bytes) -> str | None:
    """Name the kind by its first bytes; file name and claimed type are nobody's business."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "image/heic"
    return None


def _jpeg_pixels(data: bytes) -> int:
    """Multiply the sides in the first frame header; 0 where the walk does not find one."""
    at = 2
    for _segment in range(MAX_SEGMENTS):
        if data[at : at + 1] != b"\xff":
            break
        if data[at + 1 : at + 2] and data[at + 1] in JPEG_FRAMES:
            return _big(data, at + 5, 2) * _big(data, at + 7, 2)
        at += 2 + _big(data, at + 2, 2)
    return 0


def _png_pixels(data: bytes) -> int:
    """Multiply the sides in IHDR."""
    return _big(data, 16, 4) * _big(data, 20, 4)


def _webp_pixels(data: bytes) -> int:
    """Multiply the canvas sides. Source: RFC 9649, sections 2.5 to 2.7."""
    if data[12:16] == b"VP8X":
        return (_little(data, 24, 3) + 1) * (_little(data, 27, 3) + 1)
    if data[12:16] == b"VP8L":
        bits = _little(data, 21, 4)
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    return (_little(data, 26, 2) & 0x3FFF) * (_little(data, 28, 2) & 0x3FFF)


def _heic_pixels(data: bytes) -> int:
    """Multiply the sides of the largest image named in the first 64 KB.

    Source: ISO/IEC 14496-12, ImageSpatialExtentsProperty ("ispe").
    """
    places = (found.start() for found in re.finditer(b"ispe", data[: 2**16]))
    return max((_big(data, at + 8, 4) * _big(data, at + 12, 4) for at in places), default=0)


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


HEADER_PIXELS: Final[Mapping[str, Callable[[bytes], int]]] = {
    "image/jpeg": _jpeg_pixels,
    "image/png": _png_pixels,
    "image/webp": _webp_pixels,
    "image/heic": _heic_pixels,
}


# The locked room -----------------------------------------------------------------------------


def _run(
    source: Path, boxes: Sequence[Sequence[float]], limits: Limits
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Have the worker do one job; return its answer and the pictures, both checked."""
    with contextlib.ExitStack() as stack:
        photo = stack.enter_context(source.open("rb"))
        accepted = accept(photo.read(MAX_BYTES + 1))
        photo.seek(0)
        files = {
            name: stack.enter_context(rooms.memory(name)) for name in ("answer", "said", *SIZES)
        }
        pictures = {name: files[name].fileno() for name in SIZES}
        job = {
            **asdict(limits),
            "max_pixels": MAX_PIXELS,
            "sizes": dict(SIZES),
            "boxes": boxes,
            # libheif decodes the tiles of a large photo in a thread, whatever it is told.
            "threads": accepted.content_type == "image/heic",
            "answer": files["answer"].fileno(),
            "pictures": pictures,
        }
        code = rooms.run(
            WORKER,
            job,
            source=photo,
            said=files["said"],
            answers=[files["answer"].fileno(), *pictures.values()],
            wall_s=limits.wall_s,
            environment={},
        )
        answer = _judge(code, rooms.content(files["answer"]), rooms.content(files["said"]))
        return answer, {name: _bare(rooms.content(files[name])) for name in SIZES}


def _judge(code: int, answer: bytes, said: bytes) -> dict[str, Any]:
    """Read exit code and answer of the worker; no answer is a refusal."""
    if code or said:
        logger.warning("photo worker: exit code %d, %r", code, said.splitlines()[-1:])
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PhotoRefused(_refusal("heavy"))
    if not answer.startswith(READY):
        raise SandboxBroken(code)
    if code:
        raise PhotoRefused(_refusal("broken"))
    facts: dict[str, Any] = json.loads(answer.removeprefix(READY))
    if "refused" in facts:
        raise PhotoRefused(_refusal(facts["refused"]))
    return facts


def _refusal(code: str) -> str:
    """Say in words why a photo is refused."""
    return {
        "pixels": _("foto lebih dari 50 megapiksel, kirim yang lebih kecil"),
        "heavy": _("foto terlalu berat untuk diproses, ambil ulang"),
    }.get(code, _("foto rusak, ambil ulang"))


def _bare(data: bytes) -> bytes:
    """Pass a JPEG of pixels only: the second look, in case the first one was taken over.

    Raises:
        PhotoRefused: a segment that could hold anything else, or bytes after the end.
    """
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] and data[at + 1] in JPEG_BARE:
        is_jfif = (
            data[at + 2 : at + 9] == b"\x00\x10JFIF\x00" and data[at + 16 : at + 18] == b"\0\0"
        )
        if data[at + 1] == 0xE0 and not is_jfif:  # noqa: PLR2004  a thumbnail or worse
            break
        after = at + 2 + _big(data, at + 2, 2)
        found = JPEG_NEXT.search(data, after)
        at = found.start() if found and data[at + 1] == 0xDA else after  # noqa: PLR2004  scan data
    if not data.startswith(b"\xff\xd8") or data[at:] != b"\xff\xd9":
        raise PhotoRefused(_refusal("broken"))
    return data


# The answer ----------------------------------------------------------------------------------


def _shape(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in ("width", "height", "phash")}


def _gps(answer: dict[str, Any]) -> tuple[float, float] | None:
    """Return (longitude, latitude); the worker has checked that they are sane."""
    return (float(answer["gps"][0]), float(answer["gps"][1])) if answer["gps"] else None


def _moment(answer: dict[str, Any], zone: tzinfo) -> datetime | None:
    """Read EXIF's `2026:03:12 16:20:00` with its offset, or else in the given zone."""
    text, offset = answer["taken"] or "", answer["offset"] or ""
    with contextlib.suppress(ValueError):
        return datetime.strptime(f"{text[:19]} {offset}", "%Y:%m:%d %H:%M:%S %z")
    with contextlib.suppress(ValueError):
        return datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    return None


def _keep(pictures: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Write the pictures into the folder: all of them or none."""
    paths = {name: folder / f"{name}.jpg" for name in pictures}
    try:
        with full_disk_said():
            for name, path in paths.items():
                path.write_bytes(pictures[name])
    except (OSError, StorageFull):
        for path in paths.values():
            path.unlink(missing_ok=True)
        raise
    return paths
