"""Pictures for the demo, drawn by program: what a phone would have seen before and after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter
from PIL.ExifTags import GPS, IFD, Base

SIZE: Final = (1280, 960)
_HORIZON: Final = 420

Brush = ImageDraw.ImageDraw
Scene = Callable[..., None]


def draw(
    service_code: str, seed: int, *, fixed: bool, at: datetime, place: tuple[float, float]
) -> bytes:
    """Draw a scene as a JPEG with the camera's notes that a phone writes.

    Args:
        service_code: decides the scene, by its *jenis*.
        seed: the same one gives the same street, before and after.
        fixed: whether the picture is taken after the repair.
        at: local time of the camera, aware.
        place: (longitude, latitude) that the camera notes, EPSG:4326.
    """
    rng = Random(seed)  # noqa: S311  pictures, no secrets
    scene = SCENES[service_code.partition("-")[0]]
    night = scene is _lamp
    picture = Image.new("RGB", SIZE, (14, 18, 34) if night else (178, 205, 228))
    brush = ImageDraw.Draw(picture)
    _ground(brush, rng, night=night)
    scene(brush, rng, fixed=fixed)
    noise = Image.effect_noise(SIZE, 40).convert("RGB")
    noisy = Image.blend(picture, noise, 0.06).filter(ImageFilter.GaussianBlur(0.8))
    out = BytesIO()
    noisy.save(out, "JPEG", quality=82, exif=_notes(at, place))
    return out.getvalue()


def can_draw(service_code: str) -> bool:
    """Whether there is a scene for a kind of problem."""
    return service_code.partition("-")[0] in SCENES


def _ground(brush: Brush, rng: Random, *, night: bool) -> None:
    """Draw houses, roadside and road."""
    width, height = SIZE
    wall, roof = ((30, 32, 44), (44, 34, 36)) if night else ((214, 203, 186), (163, 88, 66))
    x = -40
    while x < width:
        wide, tall = rng.randint(140, 260), rng.randint(110, 210)
        brush.rectangle((x, _HORIZON - tall, x + wide, _HORIZON), fill=wall)
        top = _HORIZON - tall - 60
        brush.polygon(
            [(x - 14, _HORIZON - tall), (x + wide // 2, top), (x + wide + 14, _HORIZON - tall)],
            fill=roof,
        )
        x += wide + rng.randint(10, 60)
    brush.rectangle((0, _HORIZON, width, height), fill=(22, 30, 22) if night else (118, 146, 96))
    asphalt = (34, 34, 38) if night else (112, 112, 116)
    brush.polygon([(470, _HORIZON), (810, _HORIZON), (1240, height), (40, height)], fill=asphalt)
    for step in range(6):
        y = _HORIZON + 30 + step * 90
        brush.rectangle(
            (634 - step * 2, y, 646 + step * 2, y + 34 + step * 6), fill=(210, 206, 190)
        )


def _lamp(brush: Brush, rng: Random, *, fixed: bool) -> None:
    x = rng.randint(860, 960)
    if fixed:
        for reach in range(300, 20, -20):
            glow = 320 - reach
            brush.ellipse(
                (x - 120 - reach, 150 - reach // 2, x - 120 + reach, 150 + reach),
                fill=(14 + glow // 3, 18 + glow // 3, 34 + glow // 5),
            )
    brush.rectangle((x, 120, x + 16, 760), fill=(88, 92, 98))
    brush.rectangle((x - 160, 116, x + 8, 128), fill=(88, 92, 98))
    brush.rectangle((x - 176, 120, x - 100, 144), fill=(255, 246, 200) if fixed else (52, 54, 60))


def _road(brush: Brush, rng: Random, *, fixed: bool) -> None:
    x, y = rng.randint(420, 600), rng.randint(620, 700)
    if fixed:
        brush.rectangle((x - 30, y - 20, x + 330, y + 150), fill=(58, 58, 62))
        return
    brush.ellipse((x, y, x + 300, y + 120), fill=(66, 56, 48))
    brush.ellipse((x + 50, y + 34, x + 240, y + 98), fill=(128, 120, 106))
    for _ in range(26):
        left, top = x + rng.randint(-60, 340), y + rng.randint(-30, 150)
        brush.ellipse((left, top, left + 12, top + 8), fill=(84, 80, 76))


def _waste(brush: Brush, rng: Random, *, fixed: bool) -> None:
    if fixed:
        brush.rectangle((120, 560, 150, 640), fill=(120, 90, 60))
        brush.rectangle((70, 500, 200, 566), fill=(236, 232, 214))
        return
    colours = [(36, 36, 40), (210, 214, 218), (70, 110, 170), (178, 60, 52), (220, 190, 80)]
    for _ in range(70):
        x, y = rng.randint(40, 460), rng.randint(560, 800)
        size = rng.randint(24, 70)
        brush.ellipse((x, y, x + size, y + size * 0.7), fill=rng.choice(colours))


def _drain(brush: Brush, rng: Random, *, fixed: bool) -> None:
    brush.polygon([(330, _HORIZON), (400, _HORIZON), (240, 960), (20, 960)], fill=(146, 142, 136))
    water = (110, 150, 170) if fixed else (70, 60, 44)
    brush.polygon([(346, _HORIZON), (386, _HORIZON), (196, 960), (70, 960)], fill=water)
    for _ in range(0 if fixed else 40):
        y = rng.randint(470, 930)
        x = 366 - (y - _HORIZON) * 0.43 + rng.randint(-40, 40)
        brush.ellipse(
            (x, y, x + 40, y + 22), fill=rng.choice([(96, 84, 60), (200, 200, 204), (60, 90, 60)])
        )


def _pipe(brush: Brush, rng: Random, *, fixed: bool) -> None:
    x, y = rng.randint(520, 680), 640
    if fixed:
        brush.rectangle((x - 70, y, x + 130, y + 90), fill=(70, 70, 74))
        return
    brush.ellipse((x - 240, y - 10, x + 300, y + 130), fill=(126, 156, 176))
    for _ in range(60):
        end = (x + rng.randint(-140, 160), y - rng.randint(40, 330))
        brush.line(((x + 20, y + 40), end), fill=(206, 226, 236), width=3)


def _tree(brush: Brush, rng: Random, *, fixed: bool) -> None:
    brush.rectangle((960, 260, 1010, 700), fill=(96, 70, 48))
    spread = 90 if fixed else 260
    for _ in range(30 if fixed else 120):
        x, y = 985 + rng.randint(-spread, spread), 250 + rng.randint(-spread // 2, spread // 2)
        shade = rng.randint(70, 130)
        brush.ellipse((x - 44, y - 34, x + 44, y + 34), fill=(40, shade, 44))


SCENES: Final[Mapping[str, Scene]] = {
    "lpju": _lamp,
    "jalan": _road,
    "sampah": _waste,
    "drainase": _drain,
    "pdam": _pipe,
    "pohon": _tree,
}
"""Jenis → what it looks like."""


def _notes(at: datetime, place: tuple[float, float]) -> Image.Exif:
    """Write time and place as a camera does. Source: EXIF 2.32, tags 0x9003, 0x9011, GPS 1 to 4."""
    notes = Image.Exif()
    notes[Base.Make] = "Contoh"
    detail = notes.get_ifd(IFD.Exif)
    detail[Base.DateTimeOriginal] = f"{at:%Y:%m:%d %H:%M:%S}"
    detail[Base.OffsetTimeOriginal] = f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:]
    lon, lat = place
    gps = notes.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "S" if lat < 0 else "N", _sexagesimal(lat)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E" if lon > 0 else "W", _sexagesimal(lon)
    return notes


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(abs(degrees) * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    return whole, minutes, round(seconds, 2)
