import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"
LINE = re.compile(r'^(?:(msgid|msgid_plural|msgstr)(?:\[\d\])? )?"(.*)"$')
PLACEHOLDER = re.compile(r"%\(\w+\)[.\d]*[a-z]|\{\w+\}|</?\w+>")


def _messages():
    """Read (msgids, msgstrs) of each entry; the header's msgid is empty, so it is left out."""
    for block in CATALOGUE.read_text(encoding="utf-8").split("\n\n"):
        texts = {"msgid": [], "msgstr": []}
        side = texts["msgid"]
        for line in filter(None, map(LINE.match, block.splitlines())):
            keyword, text = line.groups()
            if keyword:
                side = texts["msgstr" if keyword == "msgstr" else "msgid"]
                side.append("")
            side[-1] += text
        if any(texts["msgid"]):
            yield texts["msgid"], texts["msgstr"]


MESSAGES = tuple(_messages())


def _placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def test_the_english_catalogue_is_whole_and_well_formed():
    check = subprocess.run(
        ["msgfmt", "--check", "--check-format", "--statistics", "-o", "/dev/null", CATALOGUE],
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 0, check.stderr
    assert check.stderr.strip() == f"{len(MESSAGES)} translated messages."


def test_no_english_text_is_empty():
    assert [ids for ids, texts in MESSAGES if not all(texts)] == []


@pytest.mark.parametrize("at", [0, -1], ids=["the first form", "the last form"])
def test_every_placeholder_of_an_indonesian_text_stands_in_the_english(at):
    wrong = [
        (ids[at], texts[at])
        for ids, texts in MESSAGES
        if _placeholders(ids[at]) != _placeholders(texts[at])
    ]

    assert wrong == []
