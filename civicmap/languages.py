"""Which languages the site speaks: the source's own, and each that has a compiled catalogue.

A third language is a folder more, `templates/locale/<code>/LC_MESSAGES/django.mo`: no code and no
setting. What a catalogue leaves out, and every name that is data, is read in the source language.
"""

from gettext import GNUTranslations
from pathlib import Path
from typing import Any, Final

from django.conf.locale import LANG_INFO

SOURCE: Final = "id"
"""The language that the code's own sentences are written in."""

_NAME: Final = "x-language-name"
"""Header of a catalogue that names its language in itself, where Django does not know it."""


def offered(folder: Path) -> list[tuple[str, str]]:
    """List the languages as settings want them: code and own name, the source language first.

    Args:
        folder: of the catalogues, one folder a language.
    """
    found = sorted(folder.glob("*/LC_MESSAGES/django.mo"))
    named = [(SOURCE, _name(SOURCE, {}))]
    for file in found:
        code = file.parents[1].name.replace("_", "-").lower()
        with file.open("rb") as catalogue:
            headers = GNUTranslations(catalogue).info()
        if code != SOURCE:
            named.append((code, _name(code, headers)))
    return named


def introduce(languages: list[tuple[str, str]]) -> None:
    """Tell Django of languages that it has never heard of: their names, from left to right."""
    for code, name in languages:
        unknown: dict[str, Any] = {"bidi": False, "code": code, "name": name, "name_local": name}
        LANG_INFO.setdefault(code, unknown)


def _name(code: str, headers: dict[str, str]) -> str:
    known = LANG_INFO.get(code, {}).get("name_local", code)
    return headers.get(_NAME) or str(known)
