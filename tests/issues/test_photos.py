"""Every file ends clean or refused with a reason, and nothing but pixels comes out."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops, ImageStat

from issues import photos
from issues.errors import PhotoRefused
from issues.photos import Box, Limits
from tests.issues import photo_corpus as corpus

WITA = ZoneInfo("Asia/Makassar")
FILES = corpus.files()
BROKEN = "foto rusak, ambil ulang"


@pytest.fixture
def work(tmp_path):
    """Return a function that cleans bytes and gives the answer and the folder of the results."""
    out = tmp_path / "out"
    out.mkdir()

    def clean(data, **options):
        source = tmp_path / "in"
        source.write_bytes(data)
        return photos.clean(source, out, **options)

    clean.out = out
    return clean


def pixels(path):
    with Image.open(path) as image:
        return image.convert("RGB")


def difference(one, other):
    """Return the mean difference of two pictures, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def is_bare(path):
    """Tell whether Pillow finds nothing but JFIF and the pixels."""
    with Image.open(path) as image:
        jfif = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        return image.format == "JPEG" and set(image.info) <= jfif and not dict(image.getexif())


def outcome(work, data):
    """Return the paths of the clean sizes and the reason of the refusal: one of them is empty."""
    try:
        return list(work(data).sizes.values()), ""
    except PhotoRefused as refused:
        return [], refused.reason


def memory_kb():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


# F1: every file ends in one of two ways ------------------------------------------------------


def test_the_corpus_is_large_enough():
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_file_ends_clean_or_refused_with_a_reason(name, work):
    data, expected = FILES[name]

    paths, reason = outcome(work, data)

    assert expected in ("either", "refused" if reason else "clean")
    assert bool(reason) != bool(paths)
    assert sorted(work.out.iterdir()) == sorted(paths)
    assert all(is_bare(path) for path in paths)


def test_the_process_that_asks_does_not_grow(work):
    work(corpus.jpeg())
    before, pid = memory_kb(), os.getpid()

    for data, _expected in FILES.values():
        outcome(work, data)

    assert os.getpid() == pid
    assert memory_kb() - before < 30_000


def test_the_web_process_never_loads_an_image_library():
    script = (
        "import sys, issues.photos; print([m for m in sys.modules if 'PIL' in m or 'heif' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )

    assert done.stdout.strip() == "[]"


def test_every_shared_photo_ends_as_expected(shared_data, tmp_path):
    refused = set()
    folder = shared_data / "photos"
    for path in sorted(folder.glob("*/*")):
        try:
            cleaned = photos.clean(path, tmp_path)
        except PhotoRefused:
            refused.add(path.name)
        else:
            assert all(is_bare(size) for size in cleaned.sizes.values()), path.name

    assert refused == {
        "broken.png",
        "corrupted.heic",
        "decompression_bomb.gif",
        "empty.heic",
        "truncated_jpeg.jpg",
    }


def test_accepting_tells_hash_size_and_kind_by_content():
    data = corpus.image_bytes("PNG")

    accepted = photos.accept(data)

    assert accepted.content_type == "image/png"
    assert accepted.size == len(data)
    assert len(accepted.sha256) == 64


@pytest.mark.parametrize(("kind", "content_type"), corpus.KINDS)
def test_each_kind_is_known_by_its_content(kind, content_type):
    assert photos.accept(corpus.image_bytes(kind)).content_type == content_type


def test_over_twelve_megabytes_is_refused():
    with pytest.raises(PhotoRefused, match="12 MB"):
        photos.accept(corpus.jpeg() + bytes(photos.MAX_BYTES))


# F2, F3: bombs and halves --------------------------------------------------------------------


@pytest.mark.parametrize("kind", corpus.BOMBS)
@pytest.mark.parametrize("side", [7072, 9000, 12_000, 13_000, 16_383])
def test_a_bomb_is_refused_by_its_header(kind, side):
    data = corpus.BOMBS[kind](side)

    with pytest.raises(PhotoRefused, match="50 megapiksel"):
        photos.accept(data)


def test_a_bomb_whose_header_is_out_of_reach_is_refused_in_the_locked_room(work):
    data = corpus.jpeg_with_segments(*[(0xEF, b"x")] * 600, then=corpus.jpeg_bomb(9000))
    photos.accept(data)

    with pytest.raises(PhotoRefused, match="50 megapiksel"):
        work(data)


@pytest.mark.parametrize("percent", [10, 30, 50, 70, 90, 97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_half_a_photo_is_refused(kind, percent, work):
    data = corpus.image_bytes(kind)

    with pytest.raises(PhotoRefused, match=BROKEN):
        work(data[: len(data) * percent // 100])


# F4: nothing but pixels ----------------------------------------------------------------------


@pytest.mark.parametrize("name", corpus.CANARIES)
def test_no_planted_word_survives(name, work):
    data, words = corpus.CANARIES[name]
    assert all(word in data for word in words)

    cleaned = work(data)

    for path in cleaned.sizes.values():
        assert is_bare(path)
        assert not any(word in path.read_bytes() for word in words)
        assert b"CANARY" not in path.read_bytes()


def test_twelve_words_are_planted_in_a_jpeg():
    assert len(corpus.CANARIES["jpeg"][1]) == 12


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE])
def test_the_second_look_finds_a_segment_that_should_not_be_there(marker):
    data = corpus.jpeg_with_segments((marker, b"CANARY"))

    with pytest.raises(PhotoRefused):
        photos._bare(data)


@pytest.mark.parametrize("tail", [b"PK\x03\x04", b"\xff\xd9", b"\x00"])
def test_the_second_look_finds_bytes_after_the_end(tail):
    with pytest.raises(PhotoRefused):
        photos._bare(corpus.jpeg() + tail)


@pytest.mark.parametrize("progressive", [False, True])
def test_the_second_look_passes_pixels(progressive):
    data = corpus.image_bytes("JPEG", progressive=progressive)

    assert photos._bare(data) == data


# F5: fail closed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(wall_s=0.01), "terlalu berat"),
        (Limits(memory=96 * 2**20), "terlalu berat"),
        (Limits(output_bytes=2000), BROKEN),
    ],
)
def test_a_photo_beyond_the_limits_is_refused_and_leaves_nothing(limits, reason, work):
    data = corpus.image_bytes("JPEG", size=(4000, 3000))

    with pytest.raises(PhotoRefused, match=reason):
        work(data, limits=limits)
    assert list(work.out.iterdir()) == []


def test_a_photo_that_eats_time_is_stopped(work):
    with pytest.raises(PhotoRefused, match="terlalu berat"):
        work(corpus.many_scans(5000, (3000, 3000), "white"), limits=Limits(cpu_s=1))


@pytest.fixture
def python_that(tmp_path, monkeypatch):
    """Return a function that puts a shell script in Python's place."""

    def replace(script):
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return replace


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -9 $$", "terlalu berat"),
        ("echo ready > /proc/self/fd/$FD; kill -11 $$", BROKEN),
    ],
)
def test_a_worker_that_dies_means_refused(script, reason, work, python_that):
    fd = 'FD=$(echo "$4" | sed \'s/.*"answer": \\([0-9]*\\).*/\\1/\'); '
    python_that(fd + script)

    with pytest.raises(PhotoRefused, match=reason):
        work(corpus.jpeg())
    assert list(work.out.iterdir()) == []


def test_a_worker_that_does_not_start_is_nobodys_bad_photo(work, python_that):
    python_that("exit 1")

    with pytest.raises(photos.SandboxBroken):
        work(corpus.jpeg())


def test_a_folder_that_cannot_be_written_is_left_empty(work):
    (work.out / "small.jpg").mkdir()

    with pytest.raises(OSError, match=r"small\.jpg"):
        work(corpus.jpeg())
    assert not (work.out / "large.jpg").exists()


@pytest.mark.parametrize("kind", ["gif", "tiff", "bmp", "ico", "avif"])
def test_the_locked_room_itself_opens_no_other_kind(kind):
    job = {
        **asdict(Limits()),
        "max_pixels": photos.MAX_PIXELS,
        "sizes": dict(photos.SIZES),
        "boxes": [],
        "threads": False,
        "answer": 1,
        "pictures": {},
    }
    done = subprocess.run(
        [sys.executable, "-I", str(photos.WORKER), json.dumps(job)],
        input=corpus.foreign_kinds()[kind],
        capture_output=True,
        check=False,
        env={},
    )

    assert (done.returncode, done.stdout) == (1, photos.READY)
    assert b"UnidentifiedImageError" in done.stderr


LOCKED = """
import importlib.util, json, os, socket, sys
spec = importlib.util.spec_from_file_location("worker", sys.argv[1])
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
worker.close_doors(json.loads(sys.argv[2]))
doors = {
    "read": lambda: open("/etc/passwd"),
    "write": lambda: open("/tmp/out", "w"),
    "network": lambda: socket.create_connection(("127.0.0.1", 1)),
    "socket": socket.socket,
    "fork": os.fork,
    "memory": lambda: bytes(2**30),
    "core": lambda: 1 / worker.resource.getrlimit(worker.resource.RLIMIT_CORE)[1],
    "limits": lambda: worker.limit(worker.resource.RLIMIT_NOFILE, 99),
    "root": lambda: os.setuid(0),
}
open_doors = []
for name, door in doors.items():
    try:
        door()
    except (OSError, MemoryError, ValueError, ZeroDivisionError):
        continue
    open_doors.append(name)
os.write(1, json.dumps([open_doors, dict(os.environ)]).encode())
"""


def test_the_locked_room_is_locked():
    job = {"memory": 768 * 2**20, "cpu_s": 20, "output_bytes": 1, "threads": False}
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOCKED, str(photos.WORKER), json.dumps(job)],
        capture_output=True,
        check=True,
        env={},
    )

    open_doors, environment = json.loads(done.stdout)
    assert open_doors == []
    assert set(environment) <= {"LC_CTYPE"}


# F9: upright ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_comes_out_upright(kind, orientation, work):
    cleaned = work(corpus.turned(kind, orientation))

    large = pixels(cleaned.sizes["large"])
    assert (cleaned.width, cleaned.height) == large.size == corpus.UPRIGHT.size
    assert difference(large, corpus.UPRIGHT) < 6


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_shared_orientations_come_out_alike(shared_data, tmp_path, orientation):
    folder = shared_data / "photos" / "orientation"
    upright, turned = tmp_path / "1", tmp_path / "n"
    upright.mkdir()
    turned.mkdir()

    first = photos.clean(folder / "landscape_1.jpg", upright)
    other = photos.clean(folder / f"landscape_{orientation}.jpg", turned)

    assert difference(pixels(first.sizes["large"]), pixels(other.sizes["large"])) < 8
    assert (int(first.phash, 16) ^ int(other.phash, 16)).bit_count() <= 6


def test_an_orientation_in_xmp_alone_is_obeyed(shared_data, tmp_path):
    source = shared_data / "photos" / "pillow" / "xmp_tags_orientation.png"

    cleaned = photos.clean(source, tmp_path)

    with Image.open(source) as image:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        expected = paper.convert("RGB").transpose(Image.Transpose.ROTATE_180)
    found = pixels(cleaned.sizes["large"])
    assert difference(found, expected) * 2 < difference(found, paper.convert("RGB"))


# Sizes, colours, facts -----------------------------------------------------------------------


def test_three_sizes_have_their_longest_sides(work):
    cleaned = work(corpus.image_bytes("JPEG", size=(3200, 2400)))

    sides = {name: pixels(path).size for name, path in cleaned.sizes.items()}
    assert sides == {"large": (1600, 1200), "medium": (800, 600), "small": (240, 180)}


def test_a_small_photo_is_not_blown_up(work):
    assert (work(corpus.jpeg()).width, work(corpus.jpeg()).height) == corpus.SMALL


@pytest.mark.parametrize("name", corpus.COLOURS)
def test_colours_survive_the_way_to_srgb(name, work):
    data, expected = corpus.COLOURS[name]

    found = pixels(work(data).sizes["large"]).getpixel((8, 8))

    assert all(abs(a - b) <= 12 for a, b in zip(found, expected, strict=True)), found


def test_only_the_first_frame_is_taken(work):
    cleaned = work(corpus.animated("WEBP", ["red", "blue"]))

    red, _green, blue = pixels(cleaned.sizes["large"]).getpixel((8, 8))
    assert red > 200
    assert blue < 60


def test_time_and_place_are_told_but_not_kept(work):
    data = corpus.with_exif(taken="2026:03:12 16:20:00", gps=(115.2338, -8.6718))

    cleaned = work(data, zone=WITA)

    assert cleaned.taken_at == datetime(2026, 3, 12, 16, 20, tzinfo=WITA)
    assert cleaned.gps == pytest.approx((115.2338, -8.6718), abs=1e-5)


def test_an_offset_of_the_camera_goes_before_the_city_zone(work):
    data = corpus.with_exif(taken="2026:03:12 16:20:00", offset="+07:00")

    assert work(data, zone=WITA).taken_at.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "kemarin", "", "2026:13:45 99:99:99"])
def test_a_time_that_is_none_is_none(taken, work):
    assert work(corpus.with_exif(taken=taken)).taken_at is None


@pytest.mark.parametrize("gps", [(0, 0), (115.2, 91.5), (181.0, -8.0), ("nan", -8.0)])
def test_a_place_that_cannot_be_is_none(gps, work):
    assert work(corpus.with_exif(gps=gps)).gps is None


def test_the_same_picture_in_another_size_has_nearly_the_same_hash(work):
    large = work(corpus.image_bytes("JPEG", size=(1600, 1200))).phash
    small = work(corpus.image_bytes("PNG", size=(640, 480))).phash

    assert (int(large, 16) ^ int(small, 16)).bit_count() <= 4


# Redaction -----------------------------------------------------------------------------------


def test_a_box_is_black_in_every_size_and_the_rest_stays(work, tmp_path):
    cleaned = work(corpus.image_bytes("JPEG", size=(1600, 1200), colour="white"))
    folder = tmp_path / "redacted"
    folder.mkdir()

    redacted = photos.redact(cleaned.sizes["large"], [Box(0.25, 0.25, 0.5, 0.25)], folder)

    for path in redacted.sizes.values():
        image = pixels(path)
        inside = image.crop(corpus.part(image.size, 0.27, 0.28, 0.73, 0.47))
        assert max(ImageStat.Stat(inside).extrema[0]) <= 12
        assert image.getpixel((image.width // 8, image.height // 8)) >= (240, 240, 240)
        assert is_bare(path)


def test_a_redacted_photo_says_nothing_of_time_and_place(work, tmp_path):
    cleaned = work(corpus.jpeg())
    folder = tmp_path / "redacted"
    folder.mkdir()

    redacted = photos.redact(cleaned.sizes["large"], [Box(0, 0, 1, 1)], folder)

    assert (redacted.taken_at, redacted.gps) == (None, None)
    assert ImageStat.Stat(pixels(redacted.sizes["large"])).extrema == [(0, 0)] * 3


@pytest.mark.parametrize(
    "numbers",
    [
        (-0.1, 0, 0.5, 0.5),
        (0.6, 0, 0.5, 0.5),
        (0, 0, 0, 0.5),
        (0, 0, 0.5, -0.5),
        (float("nan"), 0, 0.5, 0.5),
        (0, 0, float("nan"), 0.5),
        (0, float("inf"), 0.5, 0.5),
    ],
)
def test_a_box_off_the_photo_is_refused(numbers):
    with pytest.raises(ValueError, match="box"):
        Box(*numbers)
