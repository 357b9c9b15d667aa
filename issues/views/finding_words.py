"""The words of hotspots and rates: what was found, what was tested, what it cannot tell."""

from datetime import date
from typing import Final

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from geodata.hotspots import FEWEST
from issues.findings import LEAST_RANKED, Answer, Baseline, Hotspot, Question, Rate, Unit
from issues.forms.hotspots import FindingForm

_MOST_NAMED: Final = 2
_PERCENT: Final = 100
_WRONG: Final = {"99": 1, "95": 5, "90": 10}

LEVEL_WORDS: Final[dict[str, Promise]] = {
    "99": gettext_lazy("sangat kuat"),
    "95": gettext_lazy("kuat"),
    "90": gettext_lazy("lemah"),
}

_SENTENCES: Final[dict[Baseline, Promise]] = {
    Baseline.SHARE: gettext_lazy(
        "Di sekitar %(place)s (radius %(reach)s m) ada %(n)s %(kind)s dari %(base)s laporan, yaitu"
        " %(here)s %%; di seluruh kota %(city)s %%. Bila sama dengan kota, akan ada sekitar"
        " %(expected)s."
    ),
    Baseline.LAND: gettext_lazy(
        "Di sekitar %(place)s (radius %(reach)s m) ada %(n)s %(kind)s. Bila laporan tersebar rata"
        " di daratan kota, akan ada sekitar %(expected)s."
    ),
    Baseline.PAST: gettext_lazy(
        "Di sekitar %(place)s (radius %(reach)s m) ada %(n)s %(kind)s dalam periode ini. Menurut"
        " kebiasaan tempat itu sendiri dan perubahan di seluruh kota, akan ada sekitar"
        " %(expected)s."
    ),
}

_CANNOT: Final[dict[Baseline, Promise]] = {
    Baseline.SHARE: gettext_lazy(
        "Yang dibandingkan adalah bagian dari semua laporan: tempat dengan sedikit laporan lain"
        " dapat menonjol walaupun jumlahnya biasa saja."
    ),
    Baseline.LAND: gettext_lazy(
        "Yang dibandingkan adalah luas daratan: tempat ramai hampir selalu menonjol, karena di sana"
        " lebih banyak orang yang lewat dan melapor."
    ),
    Baseline.PAST: gettext_lazy(
        "Yang dibandingkan adalah masa lalu tempat itu sendiri: tempat yang sejak lama buruk tidak"
        " menonjol, dan kenaikan yang sama di seluruh kota juga tidak."
    ),
}

_ALWAYS: Final = (
    gettext_lazy(
        "Ini tentang laporan, bukan tentang masalah: tempat tanpa titik panas bisa saja tempat yang"
        " warganya jarang melapor."
    ),
    gettext_lazy(
        "Beberapa laporan bisa tentang satu masalah yang sama; hanya duplikat yang sudah digabung"
        " dihitung satu."
    ),
    gettext_lazy("Uji ini tidak menjelaskan sebabnya."),
    gettext_lazy(
        "Siapa mencoba banyak jenis dan periode akan menemukan yang menonjol karena kebetulan:"
        " tingkat keyakinan berlaku untuk satu pertanyaan."
    ),
)


def number(value: float, decimals: int = 0) -> str:
    """Write a number as people here do: 3.442,9."""
    # Rounded first: number_format cuts.
    rounded = round(value, decimals) if decimals else round(value)
    return formats.number_format(rounded, decimals, force_grouping=True)


def expected(value: float) -> str:
    """Write an expectation: with a decimal where it is small."""
    return number(value, 1 if value < 10 else 0)  # noqa: PLR2004  two figures are enough


def day(value: date) -> str:
    """Write a day: 3 Mar 2026."""
    return formats.date_format(value, "j M Y")


def period(question: Question) -> str:
    """Say which days were looked at."""
    if question.since is None:
        return _("seluruh waktu sampai %(until)s") % {"until": day(question.until)}
    days = {"since": day(question.since), "until": day(question.until)}
    return _("%(since)s sampai %(until)s") % days


def kind(form: FindingForm) -> str:
    """Name what is counted: `laporan "Lampu mati"`, with the other filters behind it."""
    asked = form.cleaned_data
    named = [one.label for one in form.kinds]
    if asked["category"] and not named:
        named = asked["category"]
    what = _("laporan")
    if named:
        shown = ", ".join(named[:_MOST_NAMED]) + (", …" if len(named) > _MOST_NAMED else "")
        what = _("laporan “%(kind)s”") % {"kind": shown}
    more = [str(layer.label).lower() for layer in asked["layer"]]
    more += [one.short_name for one in form.departments]
    if asked["overdue"] is not None:
        more.append(_("lewat batas waktu") if asked["overdue"] else _("dalam batas waktu"))
    return f"{what} ({', '.join(more)})" if more else what


def sentence(answer: Answer, spot: Hotspot, *, what: str, place: str) -> str:
    """Say in one breath what was found at a place, for somebody who must decide."""
    return str(_SENTENCES[answer.question.baseline]) % {
        "place": place,
        "reach": number(round(answer.reach_m, -1)),
        "n": number(spot.n),
        "kind": what,
        "base": number(spot.base),
        "here": number(_PERCENT * spot.n / spot.base, 0),
        "city": number(_PERCENT * answer.cases / answer.base, 0),
        "expected": expected(spot.expected),
    }


def tested(answer: Answer, *, what: str) -> str:
    """Say what was tested, on how many squares, and how often such a finding is wrong."""
    return _(
        "Diuji: %(cases)s %(kind)s, %(period)s, pada %(tested)s sel berukuran sekitar %(cell)s m"
        " beserta sekitarnya (radius %(reach)s m). Getis-Ord Gi* dan peluang eksak harus"
        " sama-sama menyatakan lebih banyak daripada kebetulan, dengan koreksi Benjamini-Hochberg."
        " Tingkat %(level)s %%: di antara sel yang ditandai, rata-rata paling banyak %(wrong)s dari"
        " 100 keliru."
    ) % {
        "cases": number(answer.cases),
        "kind": what,
        "period": period(answer.question),
        "tested": number(answer.tested),
        "cell": number(round(answer.cell_m, -1)),
        "reach": number(round(answer.reach_m, -1)),
        "level": answer.question.level,
        "wrong": _WRONG[answer.question.level],
    }


def empty(answer: Answer) -> str:
    """Say why nothing was found."""
    nothing = _("Tidak ada titik panas yang menonjol secara statistik.")
    if answer.cases < FEWEST:
        why = _("Hanya ada %(n)s laporan; sebuah titik panas perlu sedikitnya %(fewest)s.")
        return f"{nothing} {why % {'n': number(answer.cases), 'fewest': FEWEST}}"
    why = _("Perbedaan antarsel tidak lebih besar daripada yang wajar terjadi karena kebetulan.")
    return f"{nothing} {why}"


def limits(answer: Answer) -> list[str]:
    """Say what the finding cannot tell."""
    found = [str(_CANNOT[answer.question.baseline]), *(str(text) for text in _ALWAYS)]
    if answer.outside:
        text = ngettext(
            "%(n)s laporan di luar batas kota tidak ikut diuji.",
            "%(n)s laporan di luar batas kota tidak ikut diuji.",
            answer.outside,
        )
        found.append(text % {"n": number(answer.outside)})
    return found


# Rates ---------------------------------------------------------------------------------------

UNIT_WORDS: Final[dict[Unit, Promise]] = {
    Unit.KM2: gettext_lazy("laporan per km² daratan"),
    Unit.ROAD_KM: gettext_lazy("laporan per km jalan"),
}


def rate(found: Rate) -> str:
    """Write a rate with its interval and its n; or why there is none."""
    if found.interval is None or found.value is None:
        return _("%(n)s laporan; tanpa pembagi") % {"n": number(found.n)}
    low, high = found.interval
    return _("%(rate)s (%(low)s sampai %(high)s; n = %(n)s)") % {
        "rate": number(found.value, 1),
        "low": number(low, 1),
        "high": number(high, 1),
        "n": number(found.n),
    }


def rate_notes(unit: Unit) -> list[str]:
    """Say how to read the rates, and what they cannot tell."""
    found = [
        _("Dalam kurung: selang kepercayaan 95 persen (Poisson, Byar) dan banyaknya laporan, n."),
        _("Tanpa peringkat di bawah n = %(least)s.") % {"least": LEAST_RANKED},
        _(
            "“Sepi laporan”: laporan segala jenis per km² di sini jelas kurang dari separuh angka"
            " kota. Sedikit laporan bisa berarti sedikit pelapor, bukan sedikit masalah."
        ),
    ]
    if unit is Unit.ROAD_KM:
        found.append(_("Panjang jalan adalah jalan yang sudah diimpor, bukan semua jalan."))
    return found
