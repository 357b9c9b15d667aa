"""One's own report on a patchy network: what a reporter adds is never lost and never sent twice."""

import pytest
from playwright.sync_api import expect

from issues import actions
from issues.models import Photo
from issues.workflow import Step
from tests import make
from tests.browser.citizen import PHONE, photo
from tests.issues import office

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Lampunya mati lagi sejak semalam."


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def disputing(visit, issue):
    """One's own page, with the words of a dispute typed."""
    page = visit("/lacak", **PHONE)
    page.get_by_role("textbox", name="Tautan rahasia").fill(actions.token_for(issue))
    page.get_by_role("button", name="Buka", exact=True).click()
    page.get_by_text("Belum beres", exact=True).click()
    page.get_by_label("Apa yang belum beres?").fill(WORDS)
    return page


def test_a_dispute_without_network_stays_on_the_page_and_goes_once(visit):
    issue = make.issue(steps=[Step.START, Step.RESOLVE])
    page = disputing(visit, issue)
    page.get_by_label("Pilih foto").last.set_input_files([photo(), photo(900, 600)])

    page.context.set_offline(True)
    again = page.get_by_role("button", name="Buka kembali laporan")
    again.click()
    expect(page.get_by_text("Belum terkirim: tidak ada jaringan.")).to_be_visible()
    expect(page.get_by_label("Apa yang belum beres?")).to_have_value(WORDS)
    page.context.set_offline(False)
    again.click()

    expect(page.get_by_text("Foto ditambahkan.")).to_be_visible()
    assert office.fresh(issue).is_open
    taken = Photo.objects.filter(issue=issue)
    assert taken.count() == 2
    assert all(one.size <= 500_000 for one in taken)


def test_what_the_server_refuses_is_shown_by_its_own_page_with_the_words(visit):
    issue = make.issue(steps=[Step.START, Step.RESOLVE])
    page = disputing(visit, issue)
    make.take(issue, Step.NOTE, note="Sudah dicek.")
    make.take(issue, Step.REOPEN, note="Masih mati.")

    page.get_by_role("button", name="Buka kembali laporan").click()

    expect(page.get_by_text(WORDS)).to_be_visible()
