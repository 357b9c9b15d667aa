"""The locked room in which a stranger's photo is decoded.

`issues.photos` starts it, nobody imports it. It runs as a program of its own
(`python -I photo_worker.py JOB`) and knows neither Django nor the project. Everything it needs is
imported first; then the doors are closed (no new file or socket, no new process, bounded memory,
time and output) and only then the first byte of the photo is read, from standard input. Results go
to file descriptors that the parent opened. Whatever goes wrong here ends the process: the parent
reads that as a refusal.
"""

import ctypes
import json
import math
import os
import resource
import signal
import struct
import sys
import warnings
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
NOBODY = 65534
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
ORIENTATION, GPS_IFD, EXIF_IFD = 0x0112, 0x8825, 0x8769
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Metadata comes from any camera and any attacker: a block that cannot be read is no metadata.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def main(job: dict[str, Any]) -> None:
    """Do one job: clean or redact the photo on standard input, answer on the given descriptors."""
    load_decoders(job["max_pixels"])
    close_doors(job)
    os.write(job["answer"], b"ready\n")
    try:
        answer = work(job)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        answer = {"refused": "pixels"}
    except MemoryError:
        answer = {"refused": "heavy"}
    os.write(job["answer"], json.dumps(answer, allow_nan=False).encode())


def load_decoders(max_pixels: int) -> None:
    """Import every decoder now: behind the closed doors no module can be opened any more."""
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False)
    Image.init()
    Image.MAX_IMAGE_PIXELS = max_pixels
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def close_doors(job: dict[str, Any]) -> None:
    """Give up network, privileges, files and processes for good."""
    libc = ctypes.CDLL(None)
    # Fails without the right to do so; no descriptors (below) means no sockets all the same.
    libc.unshare(CLONE_NEWNET)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_AS, job["memory"])
    limit(resource.RLIMIT_CPU, job["cpu_s"])
    limit(resource.RLIMIT_FSIZE, job["output_bytes"])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if not job["threads"]:
        limit(resource.RLIMIT_NPROC, 0)
    limit(resource.RLIMIT_NOFILE, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # After setuid, which clears it: the photo's process does not outlive the worker's.
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def limit(kind: int, most: int) -> None:
    """Lower one limit, soft and hard."""
    resource.setrlimit(kind, (most, most))


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Decode, change, write the three sizes; return what staff may know about the photo."""
    image = Image.open(BytesIO(sys.stdin.buffer.read()), formats=FORMATS)
    facts = read_facts(image)
    largest = max(job["sizes"].values())
    picture = bare(upright(flat(small_enough(image, largest)), facts.pop("orientation")))
    for box in job["boxes"]:
        blacken(picture, box)
    for name, side in job["sizes"].items():
        write(scaled(picture, side), job["pictures"][name])
    width, height = picture.size
    return {**facts, "width": width, "height": height, "phash": perceptual_hash(picture)}


def read_facts(image: Image.Image) -> dict[str, Any]:
    """Read orientation (of XMP where EXIF has none), capture time and place."""
    try:
        exif = image.getexif()
    except UNREADABLE:
        exif = Image.Exif()
    return {"orientation": exif.get(ORIENTATION), **taken(exif), "gps": place(exif)}


def taken(exif: Image.Exif) -> dict[str, str | None]:
    """Return the capture time and its offset as the camera wrote them."""
    try:
        block = exif.get_ifd(EXIF_IFD)
        return {"taken": short(block.get(TAKEN)), "offset": short(block.get(TAKEN_OFFSET))}
    except UNREADABLE:
        return {"taken": None, "offset": None}


def short(value: object) -> str | None:
    """Pass a text of date length, nothing else."""
    return value[:40] if isinstance(value, str) else None


def place(exif: Image.Exif) -> tuple[float, float] | None:
    """Return (longitude, latitude) in degrees, or None where missing, not finite, off or 0/0."""
    try:
        block = exif.get_ifd(GPS_IFD)
        lat = degrees(block[2], negative=block[1] in ("S", "s"))
        lon = degrees(block[4], negative=block[3] in ("W", "w"))
    except UNREADABLE:
        return None
    sane = math.isfinite(lat + lon) and abs(lat) <= 90 and abs(lon) <= 180  # noqa: PLR2004  the globe
    return (lon, lat) if sane and (lon, lat) != (0, 0) else None


def degrees(parts: Any, *, negative: bool) -> float:
    """Turn (degrees, minutes, seconds) into signed degrees."""
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    return -value if negative and value else value


def small_enough(image: Image.Image, side: int) -> Image.Image:
    """Decode the first frame whole, in a mode that can be resized, at most `side` pixels long."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        # 16 bits of grey: a plain conversion would cut everything above 255 to white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK", "LAB"):
        image = image.convert("RGBA" if image.mode in ("PA", "La", "RGBa") else "RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def flat(image: Image.Image) -> Image.Image:
    """Return the picture in sRGB on white."""
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    profile = image.info.get("icc_profile")
    colours = image.convert(image.mode.removesuffix("A")) if alpha else image
    colours = srgb(colours, profile) if profile else colours.convert("RGB")
    if alpha is None:
        return colours
    paper = Image.new("RGB", colours.size, "white")
    paper.paste(colours, mask=alpha)
    return paper


def srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Apply the colour profile; one that lies or is broken is left out."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *UNREADABLE):
        done = None
    return done or image.convert("RGB")


def upright(image: Image.Image, orientation: object) -> Image.Image:
    """Turn and mirror as EXIF asks (values 1 to 8). Source: EXIF 2.32, tag 0x0112."""
    method = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if method is None else image.transpose(method)


def bare(image: Image.Image) -> Image.Image:
    """Make a new picture of the pixels alone: a plain re-save would carry the comment along."""
    return Image.frombytes("RGB", image.size, image.tobytes())


def blacken(image: Image.Image, box: list[float]) -> None:
    """Paint one box (x, y, width, height as fractions) black, rounded outwards."""
    x, y, wide, high = box
    right, bottom = (x + wide) * image.width, (y + high) * image.height
    corner = (math.floor(x * image.width), math.floor(y * image.height))
    ImageDraw.Draw(image).rectangle((*corner, math.ceil(right), math.ceil(bottom)), fill="black")


def scaled(image: Image.Image, side: int) -> Image.Image:
    """Return a copy whose longest side is at most `side` pixels."""
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy


def write(image: Image.Image, descriptor: int) -> None:
    """Write the picture as JPEG."""
    out = BytesIO()
    image.save(out, "JPEG", quality=82, optimize=True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(out.getvalue())


def perceptual_hash(image: Image.Image) -> str:
    """Return 64 bits as 16 hex digits: is each of 64 fields darker than its right neighbour?

    Source: dHash, N. Krawetz, "Kind of Like That" (2013).
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for at in range(72):
        if at % 9 != 8:  # noqa: PLR2004  the ninth column has no right neighbour
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return f"{bits:016x}"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
