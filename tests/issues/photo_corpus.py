"""Photos as citizens and attackers send them, made on the spot: nothing lies beside the tests."""

import struct
import zlib
from functools import cache
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageOps, TiffImagePlugin

pillow_heif.register_heif_opener()

SMALL = (64, 48)
KINDS = [
    ("JPEG", "image/jpeg"),
    ("PNG", "image/png"),
    ("WEBP", "image/webp"),
    ("HEIF", "image/heic"),
]


# Pictures ------------------------------------------------------------------------------------


def picture(size=(320, 240), colour=None):
    """Draw something with edges, gradients and no symmetry."""
    if colour:
        return Image.new("RGB", size, colour)
    base = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", (base, ImageOps.mirror(base.rotate(90).resize(size)), base))
    draw = ImageDraw.Draw(image)
    draw.rectangle(part(size, 0, 0, 0.4, 0.3), fill="red")
    draw.rectangle(part(size, 0.7, 0, 1, 0.2), fill="blue")
    draw.ellipse(part(size, 0.1, 0.5, 0.5, 0.9), fill="green")
    return image


def part(size, left, top, right, bottom):
    """Turn fractions into a box of pixels."""
    return tuple(round(share * size[at % 2]) for at, share in enumerate((left, top, right, bottom)))


def encoded(image, kind, **options):
    """Encode one picture."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def image_bytes(kind, size=(320, 240), colour=None, **options):
    """Encode the standard picture."""
    return encoded(picture(size, colour), kind, **options)


def jpeg():
    """Return a small honest JPEG."""
    return image_bytes("JPEG", SMALL)


def animated(kind, colours):
    """Encode frames of one colour each."""
    first, *rest = (Image.new("RGB", (16, 16), colour) for colour in colours)
    return encoded(first, kind, save_all=True, append_images=rest)


def many_frames(kind, count):
    """Encode thousands of tiny frames."""
    pair = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    return encoded(pair[0], kind, save_all=True, append_images=pair * (count // 2))


UPRIGHT = picture((160, 96))
BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(kind, orientation):
    """Encode the picture as a camera held that way would, with the tag that says so."""
    image = UPRIGHT.transpose(BACK[orientation]) if BACK[orientation] is not None else UPRIGHT
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind != "PNG" else {}
    return encoded(image, kind, exif=exif.tobytes(), **options)


# EXIF ----------------------------------------------------------------------------------------


def rational(value):
    """Encode a number of EXIF; "nan" is 0/0."""
    return TiffImagePlugin.IFDRational(0, 0) if value == "nan" else round(abs(value) * 10**6)


def sexagesimal(value):
    """Write degrees as degrees, minutes and seconds; "nan" in the seconds as some cameras do."""
    if value == "nan":
        return (8.0, 30.0, TiffImagePlugin.IFDRational(0, 0))
    whole, rest = divmod(abs(value), 1)
    return (whole, float(int(rest * 60)), rest * 60 % 1 * 60)


def exif_block(*, taken=None, offset=None, gps=None, **texts):
    """Encode an EXIF block."""
    exif = Image.Exif()
    details = {0x9003: taken, 0x9011: offset}
    exif._ifds[0x8769] = {tag: text for tag, text in details.items() if text is not None}
    if gps:
        lon, lat = gps
        exif._ifds[0x8825] = {
            1: "S" if lat == "nan" or lat < 0 else "N",
            2: sexagesimal(lat),
            3: "W" if lon != "nan" and lon < 0 else "E",
            4: sexagesimal(lon),
        }
    for tag, text in texts.items():
        exif[int(tag.removeprefix("t"))] = text
    return exif.tobytes()


def with_exif(**facts):
    """Return a JPEG whose EXIF says so."""
    return encoded(picture(SMALL), "JPEG", exif=exif_block(**facts))


# JPEG by hand --------------------------------------------------------------------------------


def segment(marker, body):
    """Write one JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_with_segments(*segments, then=None):
    """Put segments at the front of a JPEG."""
    rest = (then or jpeg())[2:]
    return b"\xff\xd8" + b"".join(segment(*one) for one in segments) + rest


def jpeg_bomb(side):
    """Return a JPEG whose frame header lies about its sides."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


@cache
def many_scans(count, size=(64, 64), colour=None):
    """Repeat the last scan of a progressive JPEG."""
    data = image_bytes("JPEG", size, colour, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


# PNG by hand ---------------------------------------------------------------------------------


def chunk(kind, body):
    """Write one PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side, bits=8, colour=0):
    """Return a PNG whose header claims huge sides."""
    rows = zlib.compress(bytes((side + 1) * 4), 9)
    header = struct.pack(">IIBBBBB", side, side, bits, colour, 0, 0, 0)
    return png(chunk(b"IHDR", header), chunk(b"IDAT", rows))


def png(*chunks):
    """Join chunks to a PNG."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def png_with(*chunks):
    """Put chunks behind the header of a PNG."""
    data = image_bytes("PNG", SMALL)
    return data[:33] + b"".join(chunks) + data[33:]


def png_16_bit_rgb():
    """Return 16 by 16 pixels of orange in 16 bits a channel."""
    row = b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 16
    header = struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0)
    return png(chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(row * 16)))


def flipped(data, at):
    """Flip the bits of one byte."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


# Bombs by header -----------------------------------------------------------------------------


def webp_bomb(side):
    """Return a WebP whose canvas is huge."""
    canvas = (side - 1).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_lossless_bomb(side):
    """Return a lossless WebP that claims huge sides."""
    bits = min(side - 1, 0x3FFF) | min(side - 1, 0x3FFF) << 14
    body = b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", bits)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_lossy_bomb(side):
    """Return a lossy WebP that claims huge sides."""
    body = (
        b"WEBPVP8 " + struct.pack("<I", 10) + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", side, side)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def heic_bomb(side):
    """Return a HEIC that claims huge sides."""
    data = image_bytes("HEIF", SMALL)
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", side, side) + data[at + 8 :]


BOMBS = {
    "jpeg": jpeg_bomb,
    "png": png_bomb,
    "webp": webp_bomb,
    "webp lossless": webp_lossless_bomb,
    "webp lossy": webp_lossy_bomb,
    "heic": heic_bomb,
}


# Colours -------------------------------------------------------------------------------------


def srgb_profile():
    """Return the bytes of an sRGB profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def palette_with_hole():
    """Return a palette picture whose only colour is transparent."""
    image = Image.new("P", (16, 16), 1)
    image.putpalette([255, 0, 0, 0, 0, 0])
    return encoded(image, "PNG", transparency=1)


def lab_profile_on_rgb():
    """Return an RGB picture with a profile for another colour space."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return encoded(Image.new("RGB", (16, 16), (200, 100, 50)), "PNG", icc_profile=lab)


def colour_files():
    """Return name -> (bytes, the colour that must come out)."""
    orange, square = (200, 100, 50), (16, 16)
    rgb = Image.new("RGB", square, orange)
    half = Image.new("RGBA", square, (0, 0, 0, 128))
    return {
        "rgb": (encoded(rgb, "PNG"), orange),
        "icc": (encoded(rgb, "PNG", icc_profile=srgb_profile()), orange),
        "icc on alpha": (encoded(rgb.convert("RGBA"), "PNG", icc_profile=srgb_profile()), orange),
        "icc lies": (lab_profile_on_rgb(), orange),
        "icc is rubbish": (encoded(rgb, "PNG", icc_profile=b"rubbish" * 40), orange),
        "cmyk": (encoded(Image.new("CMYK", square, (0, 255, 255, 0)), "JPEG"), (255, 0, 0)),
        "16 bit grey": (encoded(Image.new("I;16", square, 0x8000), "PNG"), (128, 128, 128)),
        "16 bit colour": (png_16_bit_rgb(), (255, 128, 0)),
        "1 bit": (encoded(Image.new("1", square, 1), "PNG"), (255, 255, 255)),
        "palette": (encoded(rgb.quantize(2), "PNG"), orange),
        "palette with hole": (palette_with_hole(), (255, 255, 255)),
        "half transparent": (encoded(half, "PNG"), (127, 127, 127)),
        "half transparent webp": (encoded(half, "WEBP", lossless=True), (127, 127, 127)),
        "grey with alpha": (encoded(Image.new("LA", square, (0, 0)), "PNG"), (255, 255, 255)),
        "grey jpeg": (encoded(Image.new("L", square, 77), "JPEG"), (77, 77, 77)),
        "colour key": (encoded(rgb, "PNG", transparency=orange), (255, 255, 255)),
        "heic": (encoded(rgb, "HEIF", quality=95), orange),
        "webp": (encoded(rgb, "WEBP", lossless=True), orange),
    }


COLOURS = colour_files()


# Words that must not come out ----------------------------------------------------------------


def canary(number):
    """Return a word that no picture contains by chance."""
    return f"CANARY-{number:02d}-5171".encode()


def thumbnail():
    """Return a small JPEG with a comment."""
    return jpeg_with_segments((0xFE, canary(5)))


def jpeg_with_canaries():
    """Plant twelve words where cameras, editors and attackers put theirs."""
    words = [canary(number) for number in range(12)]
    exif = exif_block(
        gps=(115.2, -8.6),
        taken="2026:03:12 16:20:00",
        t270=words[0].decode(),
        t315=words[1].decode(),
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x20\x1c\x02\x78\0\x0e" + words[4]
    segments = [
        (0xE1, b"Exif\0\0" + exif.removeprefix(b"Exif\0\0") + words[2]),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + words[3] + b"</x:xmpmeta>"),
        (0xED, iptc),
        (0xE1, b"Exif\0\0" + thumbnail()),
        (0xE2, b"ICC_PROFILE\0\x01\x01" + srgb_profile() + words[6]),
        (0xFE, b"<?php " + words[7] + b" ?>"),
        (0xE0, b"JFXX\0\x10" + words[8]),
        (0xE5, b"MakerNote" + words[9]),
        (0xEF, b"Ducky" + words[10]),
    ]
    return jpeg_with_segments(*segments) + words[11], words


def png_with_canaries():
    """Plant words in text chunks, EXIF, XMP and behind the end."""
    words = [canary(number) for number in range(6)]
    chunks = [
        chunk(b"tEXt", b"Comment\0" + words[0]),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + words[1]),
        chunk(b"eXIf", exif_block(t270=words[2].decode()).removeprefix(b"Exif\0\0")),
        chunk(b"prVt", words[3]),
        chunk(b"tIME", words[4][:7]),
    ]
    return png_with(*chunks) + words[5], words[:4] + words[5:]


def webp_with_canaries():
    """Plant words in EXIF and XMP."""
    exif = exif_block(t270=canary(0).decode())
    return image_bytes("WEBP", SMALL, exif=exif, xmp=canary(1)), [canary(0), canary(1)]


def heic_with_canaries():
    """Plant words in EXIF and XMP."""
    exif = exif_block(t270=canary(0).decode())
    return image_bytes("HEIF", SMALL, exif=exif, xmp=canary(1)), [canary(0), canary(1)]


CANARIES = {
    "jpeg": jpeg_with_canaries(),
    "jpeg with a comment": (thumbnail(), [canary(5)]),
    "png": png_with_canaries(),
    "webp": webp_with_canaries(),
    "heic": heic_with_canaries(),
}


# The corpus ----------------------------------------------------------------------------------

DISGUISED = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "php": b"<?php system($_GET['c']); ?>",
    "pdf": b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "mvg": b"push graphic-context\nfill 'url(https://example.org/x.jpg)'\npop graphic-context",
    "zip": b"PK\x03\x04" + bytes(60),
    "elf": b"\x7fELF" + bytes(60),
    "gif with script": b"GIF89a/*\x01\x00\x00\x00\x00*/=1;alert(1)//",
    "ftyp without heic": b"\0\0\0\x18ftypmp42" + bytes(40),
    "riff without webp": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
}


def foreign_kinds():
    """Encode the picture as kinds that we do not take."""
    return {
        kind.lower(): encoded(picture(SMALL), kind)
        for kind in ("GIF", "BMP", "TIFF", "ICO", "AVIF", "PPM", "TGA", "JPEG2000")
    }


def refused_files():
    """Return what must be refused."""
    whole, png_file = image_bytes("JPEG"), image_bytes("PNG")
    icc_bomb = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000), 9))
    return {
        "0 bytes": b"",
        "1 byte": b"\xff",
        "3 bytes": b"\xff\xd8\xff",
        "signature of png alone": png_file[:8],
        "rubbish after the signature": b"\xff\xd8\xff" + bytes(range(256)) * 20,
        **{
            f"jpeg cut at {share} %": whole[: len(whole) * share // 100]
            for share in range(5, 96, 10)
        },
        "png with wrong crc in the header": flipped(png_file, 30),
        "png without pixels": png(png_file[8:33]),
        "png of 0 x 0": png_bomb(0),
        "png with a profile bomb": png_with(icc_bomb),
        "webp with broken length": image_bytes("WEBP")[:12] + bytes(40),
        "animated gif": animated("GIF", ["red", "blue"]),
        **{f"{name} as .jpg": data for name, data in DISGUISED.items()},
        **{f"{name} as .jpg": data for name, data in foreign_kinds().items()},
        **{f"{name} of 81 megapixels": bomb(9000) for name, bomb in BOMBS.items()},
    }


def clean_files():
    """Return what must come out clean."""
    whole = image_bytes("JPEG")
    return {
        **{kind.lower(): image_bytes(kind) for kind, _type in KINDS},
        "1 x 1": image_bytes("JPEG", (1, 1)),
        "a strip": image_bytes("JPEG", (20_000, 2)),
        "progressive": image_bytes("JPEG", progressive=True),
        "jpeg with a zip behind": whole + b"PK\x03\x04" + bytes(200),
        "jpeg with html behind": whole + b"<script>alert(1)</script>",
        "jpeg with broken exif": jpeg_with_segments((0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")),
        "jpeg with exif of rubbish": jpeg_with_segments(
            (0xE1, b"Exif\0\0" + bytes(range(256)) * 8)
        ),
        "jpeg with 300 comments": jpeg_with_segments(*[(0xFE, b"x" * 999)] * 300),
        "mpo": encoded(picture(SMALL), "MPO", save_all=True, append_images=[picture(SMALL)]),
        "animated webp": animated("WEBP", ["red", "blue"]),
        "webp of 10000 frames": many_frames("WEBP", 10_000),
        "apng of 10000 frames": many_frames("PNG", 10_000),
        **{f"colour: {name}": data for name, (data, _colour) in COLOURS.items()},
        **{f"canaries: {name}": data for name, (data, _words) in CANARIES.items()},
    }


def doubtful_files():
    """Return what may end either way, as long as it ends."""
    heic, png_file = image_bytes("HEIF"), image_bytes("PNG")
    text_bomb = chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(50_000_000), 9))
    return {
        "10000 scans": many_scans(10_000),
        "heic that says sequence": heic.replace(b"ftypheic", b"ftyphevc", 1),
        "heic that says image sequence": heic.replace(b"ftypheic", b"ftypmsf1", 1),
        "heic with broken pixels": heic[: len(heic) // 2] + bytes(len(heic) // 2),
        "png with wrong crc in the pixels": flipped(png_file, png_file.index(b"IDAT") + 30),
        "png with a text bomb": png_with(text_bomb),
        "jpeg without end": image_bytes("JPEG")[:-2],
        "jpeg with a flipped bit": flipped(image_bytes("JPEG"), 900),
        "webp with a flipped bit": flipped(image_bytes("WEBP"), 300),
        "heic with a flipped bit": flipped(heic, len(heic) - 99),
    }


def files():
    """Return name -> (bytes, how it must end)."""
    groups = {"refused": refused_files(), "clean": clean_files(), "either": doubtful_files()}
    return {
        name: (data, expected) for expected, group in groups.items() for name, data in group.items()
    }
