"""What of an issue is public: a place, a time, a text. Pure: nothing here reads or writes a row.

The functions below decide how exact a public place and time are and find what in a free text could
name a person. They propose; a reviewer decides. Which issues are public at all is a queryset's
business.
"""

import hashlib
import hmac
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

METRES_PER_DEGREE: Final = 111_320.0
PUBLIC_DECIMALS: Final = 5
# Marks stacked on one letter: Aksara Bali and Jawa need up to four, "Zalgo" text takes hundreds.
MOST_MARKS: Final = 8
DROPPED: Final = frozenset(
    chr(code)
    for first, last in (
        (0x202A, 0x202E),  # bidi embeddings and overrides
        (0x2066, 0x2069),  # bidi isolates
        (0x206A, 0x206F),  # deprecated format controls
        (0xFDD0, 0xFDEF),  # noncharacters
        (0xFEFF, 0xFEFF),  # byte order mark
        (0xFFF9, 0xFFFB),  # interlinear annotation
        (0xE0000, 0xE007F),  # tags: text that nobody sees
    )
    for code in range(first, last + 1)
)

BLUR_M: Final = 250
"""Side of the cells in which a private place is hidden, metres."""

# Place and time ------------------------------------------------------------------------------


def public_point(
    lon: float, lat: float, *, exact: bool, key: bytes, issue_id: object, cell_m: float = BLUR_M
) -> tuple[float, float]:
    """Return the place that the public sees, (longitude, latitude), EPSG:4326.

    Args:
        lon: true longitude in degrees, -180 to 180.
        lat: true latitude in degrees, -90 to 90.
        exact: True for public works: the true place to 5 decimals, about one metre. False for
            homes and persons: a point of the grid cell, the same one every time, drawn from key
            and id. Nothing but the cell depends on the true place.
        key: the server's secret.
        issue_id: what names the issue for ever.
        cell_m: side of a cell in metres.

    Raises:
        ValueError: not finite, or outside the globe.

    Source: the fixed map points of data.police.uk; grid rows by latitude on a sphere.
    """
    if not (math.isfinite(lon + lat) and abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004  the globe
        message = "a place has a longitude of -180 to 180 and a latitude of -90 to 90"
        raise ValueError(message)
    if not exact:
        lon, lat = _blurred(lon, lat, cell_m / METRES_PER_DEGREE, _draw(key, issue_id))
    return round(lon, PUBLIC_DECIMALS), round(lat, PUBLIC_DECIMALS)


def _blurred(
    lon: float, lat: float, height: float, share: tuple[float, float]
) -> tuple[float, float]:
    """Move a point to the given share of its cell, whose height is in degrees."""
    row = math.floor(lat / height)
    middle = math.radians((row + 0.5) * height)
    # Meridians meet at the poles: a cell must not become wider than the globe.
    width = height / max(math.cos(middle), 0.01)
    column = math.floor(lon / width)
    public_lon, public_lat = (column + share[0]) * width, (row + share[1]) * height
    return max(-180.0, min(180.0, public_lon)), max(-90.0, min(90.0, public_lat))


def _draw(key: bytes, issue_id: object) -> tuple[float, float]:
    """Draw two numbers from key and id, 0.05 to 0.95: rounding must not leave the cell."""
    digest = hmac.digest(key, f"public-point:{issue_id}".encode(), hashlib.sha256)
    first, second = (int.from_bytes(digest[at : at + 8]) / 2**64 for at in (0, 8))
    return 0.05 + 0.9 * first, 0.05 + 0.9 * second


def public_time(instant: datetime, *, exact: bool, zone: tzinfo) -> datetime:
    """Cut an instant to the local hour for public works, to the local day else.

    Raises:
        ValueError: the instant has no zone.
    """
    if instant.tzinfo is None:
        message = "an instant needs a zone"
        raise ValueError(message)
    hour = instant.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    return hour if exact else hour.replace(hour=0)


# Personal data in a text ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, `text[start:end]`, that may name a person.

    `kind` is one of nik, phone, account, email, plate, name.
    """

    kind: str
    start: int
    end: int


class _Piece(NamedTuple):
    """Digits written together, with where they stand."""

    digits: str
    start: int
    end: int


# Every pattern runs in linear time: each repetition is bounded or can be read in one way only.
EMAIL: Final = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}", re.IGNORECASE
)
NUMBERS: Final = re.compile(r"(?<!\w)[+(]?\d(?:[ .()/\u2013-]{0,3}\d)*")
PIECE: Final = re.compile(r"\+?[\d.()/\u2013-]*\d")
PLATE_AREA: Final = (
    r"A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNRSTW]?|E[ABD]?|[FGHLMNRSTWZ]|K[BHTU]?|P[ABGS]?"
)
# In small letters only with three digits or more: "b 5 m" is a length.
PLATE: Final = re.compile(
    rf"\b(?:(?:{PLATE_AREA})[ .-]?\d{{1,4}}[ .-]?[A-Z]{{1,3}}"
    rf"|(?i:(?:{PLATE_AREA})[ .-]?\d{{3,4}}[ .-]?[A-Z]{{2,3}}))\b"
)
TITLE: Final = re.compile(
    r"\b(?:bapak|bpk|pak|ibu|bu|sdri?|saudar[ai]|tuan|nyonya|mas|mbak|bli|mbok|jero|gus)\b\.?"
    r"[ \t]{1,3}(?=\w)",
    re.IGNORECASE,
)
WORD: Final = re.compile(r"[ \t]{0,3}([^\W\d_][\w'\u2019-]{1,30}|[^\W\d_]\.?)")
BANK: Final = re.compile(
    r"\b(?:rek|rekening|norek|transfer|bca|bri|bni|btn|bsi|bpd|mandiri|cimb|danamon|permata)\b",
    re.IGNORECASE,
)
CALL: Final = re.compile(
    r"\b(?:hp|wa|whatsapp|telp?|telepon|hubungi|kontak|sms|call|ponsel|nomor|no)\b", re.IGNORECASE
)
MOST_NAME_WORDS: Final = 5
MOST_PIECES: Final = 6
BEFORE: Final = 30
OFFICE_WORDS: Final = """
    admin atau bendesa bupati camat dan dokter gubernur guru hamil kadis kades kaling kelian kepala
    ketua klian kota lurah menteri perbekel petugas polisi presiden rt rumah rw satpam sekretaris
    wakil wali walikota yang
"""
GIVEN_NAME_WORDS: Final = """
    abdul agung agus ahmad anak ayu bagus budi cokorda desak dewa dewi dwi eko gede gusti i ida iluh
    joko kadek ketut komang luh made muhammad nengah ngurah ni nur nyoman putu sang siti slamet sri
    tjokorda tri wayan
"""
OFFICES: Final = frozenset(OFFICE_WORDS.split())
GIVEN_NAMES: Final = frozenset(GIVEN_NAME_WORDS.split())


MASK: Final = "●●●"
"""What stands in a public text where personal data stood."""


def masked(text: str) -> str:
    """Write a text without what may name a person."""
    for span in reversed(find_personal(text)):
        text = text[: span.start] + MASK + text[span.end :]
    return text


def find_personal(text: str) -> list[Span]:
    """Find what may name a person: proposals for the reviewer, in order, never overlapping.

    NIK, telephone and bank numbers, e-mail addresses, number plates and names after a title.
    """
    found = [
        *_matches("email", EMAIL, text),
        *_numbers(text),
        *_matches("plate", PLATE, text),
        *_names(text),
    ]
    spans: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
    return spans


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (Span(kind, found.start(), found.end()) for found in pattern.finditer(text))


def _numbers(text: str) -> Iterator[Span]:
    """Look at each row of digits; people write one number in pieces and several in a row."""
    for found in NUMBERS.finditer(text):
        before = text[max(0, found.start() - BEFORE) : found.start()]
        pieces = [
            _Piece(re.sub(r"\D", "", piece.group()), piece.start(), piece.end())
            for piece in PIECE.finditer(text, found.start(), found.end())
        ]
        yield from _numbers_of(pieces, before)


def _numbers_of(pieces: list[_Piece], before: str) -> Iterator[Span]:
    """Read the longest number that makes sense from each piece on."""
    at = 0
    while at < len(pieces):
        for size in range(min(MOST_PIECES, len(pieces) - at), 0, -1):
            run = pieces[at : at + size]
            kind = _number_kind("".join(piece.digits for piece in run), before)
            if kind:
                yield Span(kind, run[0].start, run[-1].end)
                at += size
                break
        else:
            at += 1


def _number_kind(digits: str, before: str) -> str | None:
    """Say what a number may be, from its digits and the words before it.

    Source: NIK, 16 digits, Permendagri 72/2022; numbering plan of Kominfo (FTP 2000, chapter II).
    """
    if len(digits) == 16 and digits[0] != "0":  # noqa: PLR2004  a NIK's length
        return "nik"
    if re.fullmatch(r"0?8[1-9]\d{7,10}", digits) and (digits[0] == "0" or CALL.search(before)):
        return "phone"
    if re.fullmatch(r"62[2-9]\d{7,11}|0[2-79]\d{7,10}", digits):
        return "phone"
    if re.fullmatch(r"\d{8,20}", digits) and BANK.search(before):
        return "account"
    return None


def _names(text: str) -> Iterator[Span]:
    """Find names after "Bapak", "Ibu" and their like, not offices ("Pak Lurah")."""
    for title in TITLE.finditer(text):
        words: list[re.Match[str]] = []
        at = title.end()
        while len(words) < MOST_NAME_WORDS and (word := WORD.match(text, at)):
            if not _may_be_name(word[1], first=not words):
                break
            words.append(word)
            at = word.end(1)
        if words:
            yield Span("name", words[0].start(1), words[-1].end(1))


def _may_be_name(word: str, *, first: bool) -> bool:
    """Tell whether a word may belong to a name: a capital, or a given name in small letters."""
    small = word.rstrip(".").casefold()
    if small in GIVEN_NAMES:
        return True
    return word[0].isupper() and small not in OFFICES and not (first and word.isupper())


# Clean text ----------------------------------------------------------------------------------


def clean_text(text: str) -> str:
    r"""Return a text that every database, feed, sheet and screen can carry, in NFC.

    Line ends become \n. Control characters except \n and \t, bidi overrides, noncharacters and
    lone surrogates go; marks stacked higher than any script needs are cut. Joiners stay: emoji,
    Aksara Bali and Jawa need them.

    Source: Unicode 14, chapter 23; Unicode Technical Report 36.
    """
    lines = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text)
    kept = _few_marks("".join(char for char in lines if _is_clean(char)))
    # Marks first: sorting a long run of them is quadratic. And after: NFC splits some letters.
    return _few_marks(unicodedata.normalize("NFC", kept))


def _is_clean(char: str) -> bool:
    """Tell whether a character may stay."""
    if char in DROPPED or ord(char) & 0xFFFE == 0xFFFE:  # noqa: PLR2004  the last two of each plane
        return False
    return char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")


def _few_marks(text: str) -> str:
    """Cut runs of combining marks; an invisible joiner between them does not start a new run."""
    kept, run = [], 0
    for char in text:
        category = unicodedata.category(char)
        run = run + 1 if category[0] == "M" else run if category == "Cf" else 0
        if run <= MOST_MARKS or category[0] != "M":
            kept.append(char)
    return "".join(kept)
