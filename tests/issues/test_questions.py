"""Which questions show, what answers they take, how answers are read back; without a database."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from issues.models import Question
from issues.questions import _READERS, Ask, asked, check, said


def choice(*codes):
    return tuple({"code": c, "label": c.upper(), "label_en": f"{c} (en)"} for c in codes)


def ask(code="q", kind="choice", **fields):
    if kind in {"choice", "choices"}:
        fields.setdefault("choices", choice("ya", "tidak"))
    return Ask(code=code, kind=kind, text=f"Apa {code}?", **fields)


CABLE = (
    ask("letak", choices=choice("atas", "jatuh"), required=True),
    ask("awas", "notice", condition={"letak": ["jatuh"]}, stops=True),
    ask("tinggi", "number", condition={"letak": "atas"}, least=0, most=20),
)


def faults(questions, answers):
    with pytest.raises(ValidationError) as refused:
        check(questions, answers)
    return refused.value.message_dict


def test_a_question_shows_once_its_condition_holds():
    assert [one.code for one in asked(CABLE, {})] == ["letak"]
    assert [one.code for one in asked(CABLE, {"letak": "atas"})] == ["letak", "tinggi"]


def test_a_condition_on_what_does_not_show_never_holds():
    chain = (ask("a"), ask("b", condition={"a": "ya"}), ask("c", condition={"b": "ya"}))

    shown = asked(chain, {"a": "tidak", "b": "ya", "c": "ya"})

    assert [one.code for one in shown] == ["a"]


def test_one_of_several_choices_is_enough_for_a_condition():
    questions = (ask("a", "choices"), ask("b", condition={"a": ["ya", "lain"]}))

    assert len(asked(questions, {"a": ["tidak", "ya"]})) == 2


def test_a_stopper_refuses_the_report_with_its_own_words():
    assert faults(CABLE, {"letak": "jatuh"}) == {"awas": ["Apa awas?"]}


def test_a_notice_that_only_warns_asks_nothing():
    assert check((ask("awas", "notice"),), {}) == {}


def test_what_must_be_answered_is_named():
    assert list(faults(CABLE, {})) == ["letak"]


def test_an_answer_to_a_question_that_does_not_show_any_more_is_dropped():
    assert check(CABLE[:1] + CABLE[2:], {"letak": "jatuh", "tinggi": 3}) == {"letak": "jatuh"}


def test_names_that_nobody_asked_for_are_refused_each():
    assert set(faults(CABLE, {"letak": "atas", "nik": "1", "x\x00": 2})) == {"nik", "x"}


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("text", "  T-17\n kiri ", "T-17 kiri"), ("text", "ꦧꦭꦶ", "ꦧꦭꦶ"),
        ("number", 3, 3), ("number", "2,5", 2.5), ("number", " 4 ", 4), ("number", 0, 0),
        ("date", "2026-03-17", "2026-03-17"), ("date", "20260317", "2026-03-17"),
        ("choice", "ya", "ya"), ("choice", True, "ya"), ("choice", ["tidak"], "tidak"),
        ("choices", ["tidak", "ya", "ya"], ["ya", "tidak"]), ("choices", "ya", ["ya"]),
        ("asset", "T-17", ["T-17"]), ("asset", ["L-1", "L-1", "L-2"], ["L-1", "L-2"]),
    ],
)  # fmt: skip
def test_an_answer_is_kept_clean(kind, sent, kept):
    assert check((ask(kind=kind),), {"q": sent}) == {"q": kept}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("text", 5), ("text", "x" * 501), ("text", {"a": 1}), ("text", "\x00"),
        ("number", "dua"), ("number", True), ("number", float("nan")), ("number", float("inf")),
        ("number", 10**400), ("number", "9" * 21), ("number", [1]),
        ("date", "kemarin"), ("date", 20260317), ("date", "2026-02-30"),
        ("choice", "mungkin"), ("choice", ["ya", "tidak"]), ("choice", 1), ("choice", {}),
        ("choices", ["ya", "mungkin"]), ("choices", ["ya", 1]), ("choices", 5),
        ("asset", 5), ("asset", ["x" * 81]), ("asset", [str(n) for n in range(11)]), ("asset", [1]),
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused(kind, sent):
    assert list(faults((ask(kind=kind),), {"q": sent})) == ["q"]


@pytest.mark.parametrize("sent", [-1, 21])
def test_a_number_keeps_within_its_bounds(sent):
    assert list(faults(CABLE, {"letak": "atas", "tinggi": sent})) == ["tinggi"]


@pytest.mark.parametrize("empty", [None, "", "  ", []])
def test_nothing_is_no_answer(empty):
    assert check((ask(kind="text"),), {"q": empty}) == {}


def test_answers_are_read_back_in_words():
    questions = (ask("letak", choices=choice("atas")), ask("sejak", "date"), ask("n", "number"))
    answers = {"n": 2, "lama": "T-1", "sejak": "2026-03-17", "letak": "atas", "lain": True}

    assert said(questions, answers) == [
        ("Apa letak?", "ATAS"), ("Apa sejak?", "17 Maret 2026"), ("Apa n?", "2"),
        ("lama", "T-1"), ("lain", "ya"),
    ]  # fmt: skip


def test_words_come_in_the_readers_language():
    with override("en"):
        assert said((ask("a"),), {"a": "ya"}) == [("Apa a?", "ya (en)")]


def test_every_kind_of_question_can_be_read():
    assert {*_READERS, "notice"} == set(Question.Kind.values)


# Any tree of questions -----------------------------------------------------------------------

CODES = st.sampled_from("abcd")
KINDS = st.sampled_from(sorted({*_READERS, "notice"}))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | CODES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
ANSWERS = st.dictionaries(st.text(max_size=4) | CODES, VALUES, max_size=6)


@st.composite
def trees(draw):
    kinds = draw(st.lists(KINDS, min_size=1, max_size=8))
    return [
        Ask(
            code="abcdefgh"[place],
            kind=kind,
            text=f"Apa {place}?",
            required=kind != "notice" and draw(st.booleans()),
            stops=kind == "notice" and draw(st.booleans()),
            choices=choice(*"abcd") if kind in {"choice", "choices"} else (),
            condition=draw(
                st.dictionaries(
                    st.sampled_from("abcdefgh"[:place]),
                    CODES | st.lists(CODES, min_size=1, max_size=2),
                    max_size=2,
                )
                if place
                else st.just({})
            ),
        )
        for place, kind in enumerate(kinds)
    ]


@given(trees(), ANSWERS)
def test_whatever_is_sent_is_taken_or_refused_and_a_stopper_always_refuses(questions, answers):
    shown = asked(questions, answers)
    try:
        clean = check(questions, answers)
    except ValidationError:
        return
    assert not any(one.stops for one in shown)
    assert set(clean) <= {one.code for one in shown}
    assert check(questions, clean) == clean
    assert all(isinstance(words, str) and words for _label, words in said(questions, clean))


@given(trees(), ANSWERS)
def test_what_shows_depends_on_earlier_answers_only(questions, answers):
    shown = [one.code for one in asked(questions, answers)]
    for place in range(len(questions)):
        first = [one.code for one in asked(questions[:place], answers)]
        assert shown[: len(first)] == first
