"""JSON from strangers is measured before it is read."""

import contextlib
import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from issues.parsers import MAX_BYTES, BoundedJSONParser, TooLarge, depth

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False,
        allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def parse(data: bytes):
    return BoundedJSONParser().parse(io.BytesIO(data))


@given(VALUES)
def test_sane_json_comes_back_as_it_was(value):
    assert parse(json.dumps(value).encode()) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_or_refused(data):
    with contextlib.suppress(ParseError, TooLarge):
        parse(data)


@pytest.mark.parametrize(
    ("data", "deep"),
    [
        (b"1", 0), (b"[]", 1), (b"[[]]", 2), (b'{"a":[1,{}]}', 3), (b'"[[[["', 0),
        (b'"\\"[[" ', 0), (b'["\\\\", []]', 2), (b"]]][", 0), (b"[" * 9, 9),
    ],
)  # fmt: skip
def test_depth_counts_brackets_outside_texts(data, deep):
    assert depth(data) == deep


@pytest.mark.parametrize(("levels", "passes"), [(32, True), (33, False), (100_000, False)])
def test_thirty_two_levels_are_enough(levels, passes):
    data = b"[" * levels + b"]" * levels

    if passes:
        assert parse(data) is not None
    else:
        with pytest.raises(ParseError, match="32"):
            parse(data)


def test_a_body_may_weigh_256_kilobytes_and_no_byte_more():
    fits = b'"' + b"a" * (MAX_BYTES - 2) + b'"'

    assert len(parse(fits)) == MAX_BYTES - 2
    with pytest.raises(TooLarge):
        parse(fits + b" ")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"NaN", b"[Infinity]", b"-Infinity", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}',
        b"9" * 21, b"-" + b"9" * 5000, b"\xff", b"\xef\xbb\xbf{}", b"'a'", b"01", b'"\x00"',
        b"[1,]", b"\x1f\x8b\x08",
    ],
)  # fmt: skip
def test_what_json_does_not_allow_is_refused(data):
    with pytest.raises(ParseError):
        parse(data)


def test_the_worst_that_fits_is_refused_at_once():
    began = time.perf_counter()

    for data in (b"[" * MAX_BYTES, b'"\\' * (MAX_BYTES // 2), b"1" * MAX_BYTES):
        with pytest.raises(ParseError):
            parse(data)

    assert time.perf_counter() - began < 2
