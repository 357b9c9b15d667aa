"""The picture of a shared link, looked at pixel by pixel."""

import io

import pytest
from PIL import Image

from geodata.scenery import Piece
from issues import sketch
from issues.workflow import Layer

MIDDLE = (sketch.PANEL + (sketch.WIDTH - sketch.PANEL) // 2, sketch.HEIGHT // 2)
LAND = Piece("land", 0, is_area=True, paths=[[(0, 0), (660, 0), (660, 630), (0, 630)]])


def caption(**fields):
    values = {
        "city": "Kota Denpasar",
        "kind": "Lampu jalan mati",
        "place": "Jalan Uji, Kelurahan Satu",
        "status": "Selesai",
        "number": "DPS-26-000001",
        "received": "Diterima 21 Nov 2026",
        "layer": Layer.DONE,
    }
    return sketch.Caption(**(values | fields))


def drawn(*pieces, pin=True, **fields):
    data = sketch.draw(caption(**fields), pieces, pin=pin)
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize(
    ("layer", "colour"),
    [
        (Layer.WAITING, (230, 159, 0)),
        (Layer.RESPONSE, (0, 114, 178)),
        (Layer.FIELD, (86, 180, 233)),
        (Layer.DONE, (0, 158, 115)),
        (Layer.CLOSED, (107, 107, 107)),
    ],
)
def test_the_pin_has_the_colour_of_its_layer(layer, colour):
    # The few colours of the file are looked up in steps.
    assert drawn(LAND, layer=layer).getpixel(MIDDLE) == pytest.approx(colour, abs=6)


def test_every_layer_has_a_shape_of_its_own():
    shapes = {drawn(LAND, layer=layer).convert("1").tobytes() for layer in Layer}

    assert len(shapes) == len(Layer)


def test_without_a_place_there_is_no_pin():
    assert drawn(LAND, pin=False).getpixel(MIDDLE) == (250, 248, 244)


def test_overdue_is_a_red_ring():
    ring = (MIDDLE[0], MIDDLE[1] - 50)

    assert drawn(LAND, overdue=True).getpixel(ring) == (200, 16, 46)
    assert drawn(LAND).getpixel(ring) != (200, 16, 46)


def test_a_long_text_never_leaves_its_panel():
    shown = drawn(LAND, kind="Saluran " * 40, place="Gang " * 60, status="Sesuatu " * 20)

    edge = shown.crop((sketch.PANEL - 38, 0, sketch.PANEL - 8, sketch.HEIGHT))
    assert edge.getcolors() == [(30 * sketch.HEIGHT, (255, 255, 255))]


def test_a_single_endless_word_is_cut():
    assert drawn(LAND, kind="x" * 500).size == (1200, 630)
