"""Everyday Indonesian in pieces that can be compared: words, stems, likeness. Pure.

What is compared is cut by the same knife on both sides, so a stem need not be a word of the
dictionary; it only has to be the same for "berlubang", "lubangnya" and "lubang".
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LONGEST: Final = 30
"""Letters of a word; what is longer is no word."""
REMEMBERED: Final = 20_000
"""Words whose stems are kept: all that a city itself uses; what strangers type goes again."""
MOST: Final = 200
"""Words of one text that are looked at."""
_LEAST: Final = 3
_ROOT: Final = 4
"""Letters that must remain when something is cut off."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_MARKS: Final = re.compile(r"[\u0300-\u036f'`\u2019]")
_LONG_RUN: Final = re.compile(r"(.)\1{2,}")

_STOPWORDS: Final = """
    ada adalah agar aja akan aku anda apa apakah atau bagaimana bagi bahwa bapak banget bapa begini
    begitu beliau belum bgt biar bila bisa bli boleh buat bu bapa dah dan dari daripada dekat dengan
    depan di dimana dg dgn dia dong dr dulu entah gak ga gan gimana hai halo harap harus hari hingga
    ibu ini iya itu jadi jam jangan jg juga kak kakak kalau kalo kami kapan karena kayak ke kemarin
    kenapa kepada ketika kita kok kurang lagi lah lalu lama lebih lewat lho loh maaf malah masih mau
    melalui memang mereka min mohon mohonlah nah nanti nggak nya oh oleh om pada padahal pak para
    paling pas pernah pun punya saat saja sama sampai samping sangat satu saya sd sdh sebab sebelah
    sebuah sebagai sedang segera sejak sekali sekarang sekitar selalu selamat semua seperti seputar
    setelah setiap sih sini situ sore suatu sudah suksma supaya tadi tapi tempat tentang
    terima kasih tersebut tiap tidak tetapi tolong trims tsb udah untuk utk usah wilayah ya yah yang
    yg yth malam malem pagi minggu bulan tahun
    blm trus terus
"""
STOPWORDS: Final = frozenset(_STOPWORDS.split())
"""Words that every report holds, whatever it is about."""

EVERYDAY: Final = {
    # short and spoken Indonesian
    "jln": "jalan", "jl": "jalan", "jlan": "jalan", "gg": "gang", "lpju": "pju",
    "lmpu": "lampu", "lampunya": "lampu", "mampat": "mampet", "buntet": "mampet",
    "selokan": "got", "parit": "got", "drainase": "got", "gorong": "gorong", "telabah": "got",
    "padam": "mati", "modar": "mati", "pet": "mati", "ngadat": "mati",
    "hidup": "nyala", "menyala": "nyala", "peteng": "gelap", "remang": "redup",
    "bolong": "lubang", "lobang": "lubang", "jeglong": "lubang", "ancur": "hancur",
    "numpuk": "tumpuk", "bertumpuk": "tumpuk", "menggunung": "tumpuk", "diangkut": "angkut",
    "keangkut": "angkut", "roboh": "tumbang", "rubuh": "tumbang", "ambruk": "tumbang",
    "ledeng": "pdam", "leding": "pdam", "kran": "keran", "busuk": "bau", "aroma": "bau",
    "menyengat": "bau", "mancet": "macet", "wifi": "internet",
    "semerawut": "semrawut", "kesemrawut": "semrawut", "kusut": "semrawut", "ruwet": "semrawut",
    "trafic": "traffic", "trafik": "traffic", "zebracross": "zebra", "banner": "spanduk",
    "billboard": "baliho", "condong": "miring", "doyong": "miring", "doyog": "miring",
    "genangan": "genang", "tergenang": "genang", "menggenang": "genang",
    "berkedip": "kedip", "kelip": "kedip", "kerlip": "kedip",
    # Balinese
    "margi": "jalan", "rurung": "gang", "luu": "sampah", "lulu": "sampah", "leluu": "sampah",
    "yeh": "air", "toya": "air", "punyan": "pohon", "taru": "pohon", "ebah": "tumbang",
    "pungkat": "tumbang", "cicing": "anjing", "asu": "anjing", "kuluk": "anjing", "bengu": "bau",
    "uwug": "rusak", "usak": "rusak", "benyah": "hancur", "embah": "genang", "blabar": "banjir",
    "bulak": "tumpuk", "loloh": "got", "tukad": "sungai", "kali": "sungai", "batan": "bawah",
    "carik": "sawah", "umah": "rumah", "lacur": "miskin", "endut": "lumpur", "kenyat": "kering",
}  # fmt: skip
"""Spoken, shortened and Balinese words → the word that the names of kinds use."""

_ENDINGS: Final = ("nya", "lah", "kah", "pun", "kan", "an", "ne", "i")
_BEFORE: Final = (
    ("meny", "s"), ("peny", "s"), ("menge", ""), ("meng", ""), ("peng", ""), ("mem", ""),
    ("pem", ""), ("men", ""), ("pen", ""), ("ber", ""), ("ter", ""), ("per", ""), ("me", ""),
    ("pe", ""), ("di", ""), ("ke", ""), ("se", ""), ("ng", ""),
)  # fmt: skip
_LOST: Final = {"en": "t", "em": "p"}
_VOWELS: Final = frozenset("aeiou")


def plain(text: str) -> str:
    """Write a text in small letters without accents; long runs of a letter become one."""
    small = unicodedata.normalize("NFKD", text.lower())
    return _LONG_RUN.sub(r"\1", _MARKS.sub("", small))


def words(text: str) -> list[str]:
    """Cut a text into its words, in order, without the ones that say nothing."""
    found = _WORD.findall(plain(text))[:MOST]
    return [
        word for word in found if len(word) <= LONGEST and len(word) > 1 and word not in STOPWORDS
    ]


def stems(text: str) -> list[str]:
    """Cut a text into stems, in order."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=REMEMBERED)
def _affixes(word: str) -> str:
    """Cut endings, then what stands before, while enough of the word remains."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _ROOT:
            word = word.removesuffix(ending)
            break
    for before, instead in _BEFORE:
        rest = word.removeprefix(before)
        if rest == word:
            continue
        # "menumpuk" has lost its t, "memangkas" its p.
        lost = instead or (_LOST.get(before[1:], "") if rest[:1] in _VOWELS else "")
        if len(rest) + len(lost) >= _ROOT and _VOWELS & set(rest):
            return lost + rest
    return word


def stem(word: str) -> str:
    """Find what a word has in common with its relations; everyday words become the usual one."""
    word = EVERYDAY.get(word, word)
    if len(word) <= _LEAST:
        return word
    cut = _affixes(word)
    return EVERYDAY.get(cut, cut)


def threes(word: str) -> frozenset[str]:
    """List the threes of letters of a word, as pg_trgm does."""
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def likeness(one: str, other: str) -> float:
    """Say how alike two words are written, 0 to 1: shared threes among all."""
    mine, theirs = threes(one), threes(other)
    return len(mine & theirs) / len(mine | theirs)


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Say how much of the shorter of two texts' stems the other holds, 0 to 1."""
    mine, theirs = set(one), set(other)
    fewer = min(len(mine), len(theirs))
    return len(mine & theirs) / fewer if fewer else 0.0
