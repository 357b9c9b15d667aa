"""Public issues by words: number, street, area, kind and reviewed text.

A word is found as it stands, by its beginning, and by its Indonesian stem; a word that names a kind
need not stand in the issue. Where nothing is found, what is spelt alike is. Only public rows are
looked at, and every order and key is made of public values.
Source: PostgreSQL, full text search ("simple" and "indonesian"); pg_trgm, word similarity.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, TrigramWordSimilarity
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from geodata.models import City
from issues import stems
from issues.models import Category, PublicDetail, PublicIssueQuerySet
from issues.statistics import LayerCount, Totals
from issues.workflow import Layer

LONGEST: Final = 120
"""Letters of a question."""
_MOST_WORDS: Final = 8
_MOST_GROUPS: Final = 6
_TOKEN: Final = re.compile(r"[^\W_]{1,40}")
_NUMBER: Final = re.compile(
    r"(?:([a-z]{2,5})[\s-]*)?(\d{2})[\s-]+0*(\d{1,9})|([a-z]{2,5})(\d{2})0*(\d{1,6})"
)
_LAST: Final = re.compile(r"0*(\d{1,9})")
_YEARS: Final = range(20, 40)
_SHORT: Final = {"jl": "jalan", "jln": "jalan", "gg": "gang", "br": "banjar"}
_LEAST_BEGINNING: Final = 3
_TELLING: Final = 5
"""Letters of a word that may carry a question alone; "jaln" would find half of the city."""
_NEAR: Final = 0.5
"""Word similarity of a whole question with a slip in two of its words."""


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds that the same words name, and the words that an issue of them must hold besides."""

    kinds: frozenset[int]
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, taken apart."""

    city: City
    text: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    groups: tuple[Group, ...]


def wanted(text: str, city: City, kinds: Sequence[Category]) -> Wanted:
    """Take a question apart.

    Args:
        text: what somebody typed.
        city: where.
        kinds: all kinds of the city that are in use, parents among them.
    """
    plain = stems.plain(text)[:LONGEST]
    tokens = tuple(dict.fromkeys(_TOKEN.findall(plain)))[:_MOST_WORDS]
    telling = tuple(token for token in tokens if token not in stems.STOPWORDS) or tokens
    return Wanted(city, plain, telling, _numbers(plain, city), tuple(_groups(telling, kinds)))


def _numbers(text: str, city: City) -> tuple[str, ...]:
    """Read the number of an issue, however it is written: "DPS 26 123", "26-000123", "123"."""
    if found := _NUMBER.fullmatch(text.strip()):
        prefix, year, last = found.group(1, 2, 3) if found[2] else found.group(4, 5, 6)
        return (f"{(prefix or city.prefix).upper()}-{year}-{int(last):06d}",)
    if found := _LAST.fullmatch(text.strip()):
        return tuple(f"{city.prefix}-{year}-{int(found[1]):06d}" for year in _YEARS)
    return ()


def _groups(words: Sequence[str], kinds: Sequence[Category]) -> list[Group]:
    """Find the kinds that some words name; those that most words name come first."""
    by_key = {kind.pk: kind for kind in kinds}
    groups: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for kind in kinds:
        named = _named(kind, by_key.get(kind.parent_id or 0))
        rest = tuple(word for word in words if not _names(word, named))
        if len(rest) < len(words):
            groups[rest].add(kind.pk)
    ordered = sorted(groups.items(), key=lambda pair: (len(pair[0]), pair[0]))
    return [Group(frozenset(keys), rest) for rest, keys in ordered[:_MOST_GROUPS]]


def _named(kind: Category, parent: Category | None) -> frozenset[str]:
    """Collect the words and stems that name a kind, in both languages."""
    of = [kind, *([parent] if parent else [])]
    text = " ".join(f"{one.name} {one.name_en} {' '.join(one.keywords)}" for one in of)
    return frozenset({*stems.words(text), *stems.stems(text)})


def _names(word: str, named: frozenset[str]) -> bool:
    if stems.stem(word) in named:
        return True
    return len(word) >= _LEAST_BEGINNING and any(one.startswith(word) for one in named)


# What is found -------------------------------------------------------------------------------


def narrow(rows: PublicIssueQuerySet, asked: Wanted) -> PublicIssueQuerySet:
    """Keep the rows that hold every word, by themselves or by their kind; adds their `tier`.

    Tiers: 0 the number, 1 the place, 2 the words, 3 the kind.
    """
    details = PublicDetail.objects.filter(city=asked.city)
    parts: list[QuerySet[Any]] = []
    if asked.numbers:
        parts.append(details.filter(number__in=asked.numbers))
    if asked.words:
        parts.append(details.filter(search=_query(asked.words)))
    for group in asked.groups:
        of_kind = rows.filter(category__in=group.kinds)
        if group.rest:
            of_kind = of_kind.filter(pk__in=details.filter(search=_query(group.rest)).values("pk"))
        parts.append(of_kind)
    if not parts:
        return rows.none()
    first, *others = [part.order_by().values("pk") for part in parts]
    found = first.union(*others, all=True) if others else first
    return rows.filter(pk__in=found).annotate(tier=_tier(asked))


def alike(rows: PublicIssueQuerySet, asked: Wanted) -> PublicIssueQuerySet:
    """Keep the rows that hold something spelt like the whole question, or the question itself."""
    details = PublicDetail.objects.filter(city=asked.city)
    # A number is another house when it is not this one: it is never alike.
    for number in (word for word in asked.words if word.isdecimal()):
        details = details.filter(words__regex=rf"\y{number}\y")
    # Scripts that the database knows no letters of are compared as they stand.
    if not any(word.isascii() for word in asked.words):
        return _of(rows, details.filter(words__contains=asked.text))
    same = Q(words__trigram_word_similar=asked.text)
    # Two slips take the whole below the operator's bound; then one telling word must hold.
    near = Q(near__gte=_NEAR) & _any_of(asked.words)
    measured = details.annotate(near=TrigramWordSimilarity(asked.text, "words"))
    return _of(rows, measured.filter(same | near))


def _any_of(words: Sequence[str]) -> Q:
    """Ask for any word that tells something, spelt alike; for nothing where none does."""
    telling = [word for word in words if len(word) >= _TELLING and word.isascii()]
    asked = Q(pk__in=[])
    for word in telling:
        asked |= Q(words__trigram_word_similar=word)
    return asked


def _of(rows: PublicIssueQuerySet, details: QuerySet[Any]) -> PublicIssueQuerySet:
    found = details.values("pk")
    return rows.filter(pk__in=found).annotate(tier=Value(0, output_field=IntegerField()))


def totals(rows: PublicIssueQuerySet) -> Totals:
    """Count what was found by layer; one statement."""
    counted = (
        rows.order_by()
        .values("layer")
        .annotate(
            n=Count("pk"),
            late=Count("pk", filter=Q(overdue=True)),
            off=Count("pk", filter=Q(point=None)),
        )
    )
    by_layer = {row["layer"]: row for row in counted.values("layer", "n", "late", "off")}
    none = {"n": 0, "late": 0, "off": 0}
    parts = [(layer, by_layer.get(layer, none)) for layer in Layer]
    return Totals(
        tuple(LayerCount(layer, part["n"], part["late"]) for layer, part in parts),
        sum(part["off"] for _layer, part in parts),
    )


def _tier(asked: Wanted) -> Case:
    this = PublicDetail.objects.filter(pk=OuterRef("pk"))
    whens = [When(number__in=asked.numbers, then=0)] if asked.numbers else []
    if asked.words:
        whens += [
            When(Exists(this.filter(search=_query(asked.words, "A"))), then=1),
            When(Exists(this.filter(search=_query(asked.words))), then=2),
        ]
    return Case(*whens, default=3, output_field=IntegerField())


def _query(words: Sequence[str], weight: str = "") -> SearchQuery:
    """Ask for every word, as it stands or by its stem; each may go on."""
    text = " & ".join(_word(word, weight) for word in words)
    plain = SearchQuery(text, config="simple", search_type="raw")
    return plain | SearchQuery(text, config="indonesian", search_type="raw")


def _word(word: str, weight: str) -> str:
    # A token holds letters and digits only, so nothing in it can end the quotes.
    forms = [f"'{one}':*{weight}" for one in dict.fromkeys([word, _SHORT.get(word, word)])]
    return forms[0] if len(forms) == 1 else f"({' | '.join(forms)})"
