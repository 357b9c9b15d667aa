"""Which kind of problem do these words speak of? A small model over a table of words.

What it knows: the words with which the city describes its kinds (reference data), and how often a
word stood in reports whose kind staff have settled (`CategoryWord`). Of those, a word that is none
of the city's own is stored as a keyed hash, and counts only once several different reports held it:
nobody can read from the table, or find out by asking, what one person wrote.

It counts words as naive Bayes does, and proposes only when sure.
Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval, 13.2 (multinomial naive
Bayes); the threshold is calibrated on sentences in `tests/data/everyday_reports.tsv`.
"""

import hashlib
import hmac
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings

from geodata.models import City
from issues import privacy, stems
from issues.models import Category, CategoryWord

SURE: Final = 0.8
"""From here on a proposal is shown."""
LEAST_REPORTS: Final = 3
"""So many settled reports must hold a word that is none of the city's own before it counts."""
MOST_COUNTED: Final = 500
"""A word counts no further in one kind."""
MOST_STRANGE: Final = 40
"""Words of one text, none of the city's own, that are compared with all of the city's."""
MOST_WORDS: Final = 40
"""Words of one report that are learned."""
_UNSURE: Final = "lainnya"
_HASHED: Final = "#"
_WEIGHTS: Final = {"name": 2.0, "keywords": 3.0, "description": 1.0, "parent": 0.6}
_PHRASE: Final = 2.2
"""What all words of a keyword add, beyond each of them."""
_SMOOTH: Final = 0.15
_TYPO: Final = 0.42
"""Likeness from which a word may be another one, mistyped."""
_LEARNED: Final = 0.3
"""What one settled report weighs beside the city's own words."""
_COOL: Final = 0.75
"""Words of a sentence are no independent witnesses, as the model believes."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A kind of problem and how sure the words make it, 0 to 1."""

    category: Category
    sure: float


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The city's own words: of each kind how much a stem weighs, and its keywords as stems."""

    kinds: Mapping[int, Category]
    weights: Mapping[int, Mapping[str, float]]
    phrases: Mapping[int, Sequence[frozenset[str]]]

    @property
    def stems(self) -> frozenset[str]:
        """Every stem that the city itself uses."""
        return frozenset(stem for words in self.weights.values() for stem in words)


def propose(text: str, city: City) -> Proposal | None:
    """Propose a kind for a text; None unless sure, and never a confidential kind.

    A confidential kind is a matter of few words that nobody should read over a shoulder; where the
    words speak of one, nothing is proposed. Three statements.
    """
    found = rank(text, city)
    if not found or found[0].sure < SURE or found[0].category.confidential:
        return None
    return found[0]


def rank(text: str, city: City) -> list[Proposal]:
    """Rank the kinds that the words of a text speak of, the surest first; empty without a word."""
    lexicon = lexicon_of(city)
    said = _known(stems.stems(text), lexicon)
    learned = _learned(stems.stems(text), lexicon)
    if not said and not learned:
        return []
    scores = _scores(said, lexicon, learned)
    best = max(scores.values())
    shares = {kind: math.exp(_COOL * (score - best)) for kind, score in scores.items()}
    whole = sum(shares.values())
    found = [Proposal(lexicon.kinds[kind], share / whole) for kind, share in shares.items()]
    return sorted(found, key=lambda one: -one.sure)


def lexicon_of(city: City) -> Lexicon:
    """Collect the words with which a city describes the kinds that can be chosen; one statement."""
    active = list(Category.objects.filter(city=city, active=True).order_by("pk"))
    by_key = {kind.pk: kind for kind in active}
    parents = {kind.parent_id for kind in active}
    kinds = {
        kind.pk: kind for kind in active if kind.pk not in parents and kind.service_code != _UNSURE
    }
    weights = {pk: _weights(kind, by_key.get(kind.parent_id or 0)) for pk, kind in kinds.items()}
    phrases = {
        pk: [frozenset(stems.stems(words)) for words in (*kind.keywords, kind.name)]
        for pk, kind in kinds.items()
    }
    return Lexicon(kinds, weights, phrases)


def _weights(kind: Category, parent: Category | None) -> dict[str, float]:
    """Weigh the stems of one kind: each once a source, by the source."""
    sources = {
        "name": kind.name,
        "keywords": " ".join(kind.keywords),
        "description": kind.description,
        "parent": f"{parent.name} {' '.join(parent.keywords)}" if parent else "",
    }
    weights: dict[str, float] = defaultdict(float)
    for source, words in sources.items():
        for stem in set(stems.stems(words)):
            weights[stem] += _WEIGHTS[source]
    return weights


def _known(said: Sequence[str], lexicon: Lexicon) -> dict[str, float]:
    """Find the city's words in what was said: stem → how surely it is meant; typos count less."""
    vocabulary = lexicon.stems
    known = {stem: 1.0 for stem in said if stem in vocabulary}
    # Of three letters and fewer everything is alike.
    strange = [stem for stem in dict.fromkeys(said) if stem not in vocabulary and len(stem) > 3]  # noqa: PLR2004
    for stem in strange[:MOST_STRANGE]:
        meant, likeness = _nearest(stem, vocabulary)
        if likeness >= _TYPO:
            known[meant] = max(known.get(meant, 0.0), likeness)
    return known


def _nearest(stem: str, vocabulary: frozenset[str]) -> tuple[str, float]:
    """Find the word that is written most like a stem, and how alike they are."""
    mine, sharing = stems.threes(stem), _by_threes(vocabulary)
    shared = Counter(word for three in mine for word in sharing.get(three, ()))
    alike = {
        word: count / (len(mine) + len(stems.threes(word)) - count)
        for word, count in shared.items()
    }
    meant = max(alike, key=lambda word: (alike[word], word), default="")
    return meant, alike.get(meant, 0.0)


@lru_cache(maxsize=8)
def _by_threes(vocabulary: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """Say which words hold which threes of letters; once a vocabulary, of which a city has one."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in vocabulary:
        for three in stems.threes(word):
            found[three].append(word)
    return found


def _learned(said: Sequence[str], lexicon: Lexicon) -> dict[int, dict[str, int]]:
    """Read how often what was said stood in settled reports: kind → stem → count; a statement."""
    named = {named_as(stem, lexicon): stem for stem in said}
    rows = CategoryWord.objects.filter(category__in=list(lexicon.kinds), word__in=list(named))
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    reports: dict[str, int] = defaultdict(int)
    for kind, word, count in rows.values_list("category_id", "word", "count"):
        counts[kind][word] = count
        reports[word] += count
    told = {
        word
        for word, total in reports.items()
        if total >= LEAST_REPORTS or not word.startswith(_HASHED)
    }
    known = {
        kind: {named[word]: count for word, count in words.items() if word in told}
        for kind, words in counts.items()
    }
    return {kind: words for kind, words in known.items() if words}


def _scores(
    said: Mapping[str, float], lexicon: Lexicon, learned: Mapping[int, Mapping[str, int]]
) -> dict[int, float]:
    """Add up what each word says for each kind, against what it says for all."""
    words = set(said) | {stem for counts in learned.values() for stem in counts}
    masses = {kind: sum(weights.values()) for kind, weights in lexicon.weights.items()}
    scores: dict[int, float] = {}
    for kind, weights in lexicon.weights.items():
        counts = learned.get(kind, {})
        score = 0.0
        for stem in words:
            weight = weights.get(stem, 0.0) + _LEARNED * counts.get(stem, 0)
            chance = (weight + _SMOOTH) / (masses[kind] + sum(counts.values()) * _LEARNED + 20)
            score += said.get(stem, 1.0) * math.log(chance)
        scores[kind] = score + _PHRASE * _phrases(said, lexicon.phrases[kind])
    return scores


def _phrases(said: Mapping[str, float], phrases: Sequence[frozenset[str]]) -> float:
    """Say how well the best keyword of several words is met: 1 where all of it was said."""
    whole = [
        min(said[stem] for stem in phrase)
        for phrase in phrases
        if len(phrase) > 1 and phrase <= said.keys()
    ]
    return max(whole, default=0.0)


# Learning ------------------------------------------------------------------------------------


def named_as(stem: str, lexicon: Lexicon) -> str:
    """Say under which name a stem is counted: itself if the city uses it, else a keyed hash."""
    if stem in lexicon.stems:
        return stem
    digest = hmac.digest(settings.PRIVACY_KEY.encode(), f"word:{stem}".encode(), hashlib.sha256)
    return _HASHED + digest.hex()[:24]


def teachable(text: str, city: City) -> list[str]:
    """List the names under which the words of a text are counted, each once.

    What may name a person is left out before anything is looked at.
    """
    for span in reversed(privacy.find_personal(text)):
        text = f"{text[: span.start]} {text[span.end :]}"
    lexicon = lexicon_of(city)
    return sorted({named_as(stem, lexicon) for stem in stems.stems(text)})[:MOST_WORDS]
