"""The picture of an issue that a shared link shows: our own land, the place, kind and status.

Drawn from what the public may see and nothing else; no picture of anybody's is in it. Colours are
those of `static/css/tokens.css`, shapes those of `static/js/symbols.js`.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFont

from geodata.scenery import Piece
from issues.workflow import Layer

WIDTH: Final = 1200
HEIGHT: Final = 630
PANEL: Final = 540
"""Where the words end and the map begins, pixels."""

_FINE: Final = 2
"""Drawn so many times as large, then reduced: edges become smooth."""
_SHADES: Final = 9
_SURFACE, _INK, _MUTED, _ACTION = "#ffffff", "#211a1f", "#5d545a", "#6b1f4d"
_OVERDUE, _OUTLINE = "#c8102e", "#1a1a1a"
_AREAS: Final = {
    "beyond": "#efebe6",
    "land": "#faf8f4",
    "green": "#e4ebd8",
    "water": "#c3d6e2",
}
"""Layer of the ground → its colour, from the bottom up."""
_SEA, _BORDER, _STREAM = "#e6e4e2", "#cfc5bd", "#c3d6e2"
_ROADS: Final = (("#cbc2bb", "#ffffff"), ("#c5ab84", "#f3dfc0"))
_WIDTHS: Final = (9, 8, 7, 5)
_LANE: Final = 3
_MAIN: Final = 3
"""Roads of a lower rank are main streets."""
_FILLS: Final = {
    Layer.WAITING: "#e69f00",
    Layer.RESPONSE: "#0072b2",
    Layer.FIELD: "#56b4e9",
    Layer.DONE: "#009e73",
    Layer.CLOSED: "#6b6b6b",
}
_CROSS = (
    (-0.6, -1), (0, -0.4), (0.6, -1), (1, -0.6), (0.4, 0), (1, 0.6),
    (0.6, 1), (0, 0.4), (-0.6, 1), (-1, 0.6), (-0.4, 0), (-1, -0.6),
)  # fmt: skip
_SHAPES: Final[dict[Layer, Sequence[tuple[float, float]]]] = {
    Layer.WAITING: ((0, -1.05), (1.05, 0.8), (-1.05, 0.8)),
    Layer.RESPONSE: ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    Layer.FIELD: ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
    Layer.CLOSED: _CROSS,
}
"""Corners in a square from -1 to 1; a layer without any is a circle."""


@dataclass(frozen=True, slots=True)
class Caption:
    """The words beside the map."""

    city: str
    kind: str
    place: str
    status: str
    number: str
    received: str
    layer: Layer
    overdue: bool = False


def draw(caption: Caption, pieces: Iterable[Piece], *, pin: bool) -> bytes:
    """Draw the picture.

    Args:
        caption: its words.
        pieces: what lies on the map, in pixels of the part right of the words.
        pin: whether the middle of the map is where the issue is.

    Returns:
        A PNG of 1200 × 630 pixels, at most some 60 KB.
    """
    whole = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), _SURFACE)
    ground = Image.new("RGB", ((WIDTH - PANEL) * _FINE, HEIGHT * _FINE), _SEA)
    _ground(ImageDraw.Draw(ground), list(pieces))
    if pin:
        middle = (ground.width / 2, ground.height / 2)
        _sign(ImageDraw.Draw(ground), middle, 30 * _FINE, caption, ringed=caption.overdue)
    whole.paste(ground, (PANEL * _FINE, 0))
    pen = ImageDraw.Draw(whole)
    _neatline(pen)
    _words(pen, caption)
    small = whole.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return _packed(small)


def _packed(picture: Image.Image) -> bytes:
    """Write a PNG in our few colours: what a general choice of colours leaves out is the status."""
    held = io.BytesIO()
    few = picture.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(held, "PNG", optimize=True)
    return held.getvalue()


@cache
def _palette() -> Image.Image:
    """Collect our colours, and those between letters and paper, which make edges smooth."""
    flat = [*_AREAS.values(), _SEA, _BORDER, *chain(*_ROADS), _OUTLINE, _SURFACE]
    found: list[tuple[int, ...]] = [ImageColor.getrgb(colour) for colour in flat]
    for colour in (_INK, _MUTED, _ACTION, _OVERDUE, *_FILLS.values()):
        dark, light = ImageColor.getrgb(colour), ImageColor.getrgb(_SURFACE)
        for part in range(_SHADES):
            pairs = zip(dark, light, strict=True)
            found.append(tuple(round(a + (b - a) * part / _SHADES) for a, b in pairs))
    palette = Image.new("P", (1, 1))
    palette.putpalette(list(chain(*found)))
    return palette


def _ground(pen: ImageDraw.ImageDraw, pieces: Sequence[Piece]) -> None:
    for layer, colour in _AREAS.items():
        for piece in pieces:
            if piece.layer == layer and piece.is_area:
                _fill(pen, piece, colour, border=_BORDER if layer == "land" else None)
            elif piece.layer == layer == "water":
                _lines(pen, piece, _STREAM, _LANE)
    roads = sorted((one for one in pieces if one.layer == "roads"), key=lambda one: -one.rank)
    for inner in (False, True):
        for road in roads:
            width = _WIDTHS[road.rank] if road.rank < len(_WIDTHS) else _LANE
            colour = _ROADS[road.rank < _MAIN][inner]
            _lines(pen, road, colour, width if inner else width + 2)


def _fill(pen: ImageDraw.ImageDraw, piece: Piece, colour: str, *, border: str | None) -> None:
    for path in piece.paths:
        places = [(x * _FINE, y * _FINE) for x, y in path]
        # Holes of land are other land, which is drawn over them.
        pen.polygon(places, fill=colour, outline=border, width=_FINE)


def _lines(pen: ImageDraw.ImageDraw, piece: Piece, colour: str, width: int) -> None:
    for path in piece.paths:
        places = [(x * _FINE, y * _FINE) for x, y in path]
        pen.line(places, fill=colour, width=width * _FINE, joint="curve")


def _sign(
    pen: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    radius: float,
    caption: Caption,
    *,
    ringed: bool = False,
) -> None:
    """Draw the shape of a layer with its outline; overdue in a red ring."""
    if ringed:
        _circle(pen, middle, radius * 1.75, fill=_SURFACE, outline=_OVERDUE, width=radius / 5)
    elif radius > 20 * _FINE:
        _circle(pen, middle, radius * 1.6, fill=_SURFACE, outline=_INK, width=radius / 16)
    corners = _SHAPES.get(caption.layer)
    line = max(2 * _FINE, int(radius / 9))
    if corners is None:
        _circle(pen, middle, radius, fill=_FILLS[caption.layer], outline=_OUTLINE, width=line)
        return
    places = [(middle[0] + x * radius, middle[1] + y * radius) for x, y in corners]
    pen.polygon(places, fill=_FILLS[caption.layer])
    pen.line([*places, *places[:2]], fill=_OUTLINE, width=line, joint="curve")


def _circle(
    pen: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    radius: float,
    *,
    fill: str,
    outline: str,
    width: float,
) -> None:
    (x, y), line = middle, max(1, int(width))
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill, outline, line)


def _neatline(pen: ImageDraw.ImageDraw) -> None:
    """Draw the black and white edge of a printed map between words and land."""
    left, right, step = (PANEL - 7) * _FINE, PANEL * _FINE, 35 * _FINE
    pen.rectangle((left, 0, right, HEIGHT * _FINE), fill=_SURFACE)
    for top in range(0, HEIGHT * _FINE, 2 * step):
        pen.rectangle((left, top, right, top + step), fill=_INK)
    for x in (left, right):
        pen.line((x, 0, x, HEIGHT * _FINE), fill=_INK, width=_FINE)


def _words(pen: ImageDraw.ImageDraw, caption: Caption) -> None:
    left, room = 48, PANEL - 48 - 40
    _write(pen, (left, 44), "CivicMap", 34, _ACTION, bold=True)
    _write(pen, (left, 84), caption.city, 25, _MUTED)
    top = 158.0
    for line in _lines_of(caption.kind, 54, room, most=3):
        _write(pen, (left, top), line, 54, _INK, bold=True)
        top += 64
    top += 12
    for line in _lines_of(caption.place, 30, room, most=2):
        _write(pen, (left, top), line, 30, _MUTED)
        top += 39
    _sign(pen, ((left + 17) * _FINE, 497 * _FINE), 15 * _FINE, caption)
    for line in _lines_of(caption.status, 32, room - 52, most=1):
        _write(pen, (left + 52, 477), line, 32, _INK, bold=True)
    _write(pen, (left, 545), caption.number, 25, _INK)
    _write(pen, (left, 577), caption.received, 22, _MUTED)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Take the font that Pillow brings along: no machine lacks it."""
    font = ImageFont.load_default(size * _FINE)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError
    return font


def _write(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    colour: str,
    *,
    bold: bool = False,
) -> None:
    x, y = place
    stroke = size * _FINE / 44 if bold else 0
    pen.text((x * _FINE, y * _FINE), text, colour, _font(size), stroke_width=stroke)


def _lines_of(text: str, size: int, room: float, *, most: int) -> list[str]:
    """Break a text into lines that fit; what is too long ends in dots."""
    font, lines = _font(size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room * _FINE * 0.96 or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += " …"
    while font.getlength(kept[-1]) > room * _FINE and len(kept[-1]) > 1:
        kept[-1] = kept[-1].rstrip(" …")[:-1].rstrip() + "…"
    return kept
