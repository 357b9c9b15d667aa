"""Signs on pages, in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

AFTERNOON = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
PAGE = Template("{% load symbols %}{{ at|moment }}; {{ at|clock }}")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("id", "2 Mar 2026, 16.05; 16.05 WITA"),
        ("en", "2 Mar 2026, 4:05 p.m.; 4:05 p.m. WITA"),
    ],
)
def test_times_are_written_as_the_readers_language_writes_them(language, said):
    with translation.override(language), timezone.override(ZoneInfo("Asia/Makassar")):
        assert PAGE.render(Context({"at": AFTERNOON})) == said


def test_a_time_that_is_not_known_is_not_written():
    assert PAGE.render(Context({"at": None})) == "; "
