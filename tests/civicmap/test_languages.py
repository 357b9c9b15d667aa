"""A third language is a catalogue more: no code, no setting."""

import subprocess
from datetime import UTC, datetime

import pytest
from django.conf.locale import LANG_INFO
from django.test import Client
from django.utils import formats, translation

from civicmap import languages
from tests import make

BALINESE = """
msgid ""
msgstr ""
"Language: ban\\n"
"X-Language-Name: Basa Bali\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

msgid "Daftar laporan"
msgstr "Daptar atur"
"""


def catalogue(folder, code, text):
    inside = folder / code / "LC_MESSAGES"
    inside.mkdir(parents=True)
    (inside / "django.po").write_text(text, encoding="utf-8")
    subprocess.run(
        ["msgfmt", "-o", inside / "django.mo", inside / "django.po"], check=True, timeout=30
    )


@pytest.fixture
def balinese(tmp_path, settings, monkeypatch):
    catalogue(tmp_path, "ban", BALINESE)
    # Whoever reads this list afterwards must find it as it was.
    monkeypatch.delitem(LANG_INFO, "ban", raising=False)
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, tmp_path]
    settings.LANGUAGES = [*settings.LANGUAGES, *languages.offered(tmp_path)[1:]]
    languages.introduce(settings.LANGUAGES)
    yield
    LANG_INFO.pop("ban")


def test_the_site_speaks_indonesian_first_and_every_language_with_a_catalogue(settings):
    assert settings.LANGUAGES[0] == ("id", "Bahasa Indonesia")
    assert ("en", "English") in settings.LANGUAGES


def test_a_catalogue_names_a_language_that_django_does_not_know(tmp_path):
    catalogue(tmp_path, "ban", BALINESE)

    assert languages.offered(tmp_path) == [("id", "Bahasa Indonesia"), ("ban", "Basa Bali")]


def test_a_catalogue_that_is_not_compiled_is_not_offered(tmp_path):
    (tmp_path / "ban" / "LC_MESSAGES").mkdir(parents=True)

    assert languages.offered(tmp_path) == [("id", "Bahasa Indonesia")]


@pytest.mark.usefixtures("balinese")
def test_a_language_without_formats_writes_dates_and_numbers_as_indonesian():
    with translation.override("ban"):
        assert formats.date_format(datetime(2026, 11, 21, tzinfo=UTC), "j M Y") == "21 Nov 2026"
        assert (
            formats.date_format(datetime(2026, 8, 1, 16, 5, tzinfo=UTC), "TIME_FORMAT") == "16.05"
        )
        assert formats.number_format(1234.5, 1, use_l10n=True, force_grouping=True) == "1.234,5"


@pytest.mark.usefixtures("balinese")
def test_what_a_catalogue_leaves_out_is_read_in_indonesian():
    with translation.override("ban"):
        assert translation.gettext("Daftar laporan") == "Daptar atur"
        assert translation.gettext("Titik panas") == "Titik panas"
        assert formats.date_format(datetime(2026, 8, 1, tzinfo=UTC), "j F Y") == "1 Agustus 2026"


@pytest.mark.django_db
@pytest.mark.usefixtures("balinese")
def test_a_page_in_a_third_language_has_its_words_and_indonesian_data():
    make.world()
    issue = make.issue()
    issue.category.name_en = "Street light"
    issue.category.save()
    reader = Client(headers={"accept-language": "ban"})

    shown = reader.get("/laporan").content.decode()

    assert '<html lang="ban">' in shown
    assert "Daptar atur" in shown
    assert issue.category.name in shown
    assert "Street light" not in shown
    assert "Basa Bali" in shown
