"""The page of one issue as people meet it: by thumb, by keyboard, on paper, without a script."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import expect

from issues.models import Photo, PublicDetail
from issues.publication import publish
from issues.workflow import Step
from tests import make
from tests.browser.maps import page, violations

__all__ = ["page"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def repaired(transactional_db, settings, tmp_path):
    """A repaired lamp with a photo of before and of after, and an open neighbour."""
    settings.MEDIA_ROOT = tmp_path
    make.world()
    issue = make.issue(steps=[Step.RESPOND, Step.START, Step.RESOLVE], name="Ni Luh Rahasia")
    issue.public_text, issue.reviewed_at = "Lampu mati di depan pura.", issue.received_at
    issue.save()
    for at, kind in enumerate((Photo.Kind.BEFORE, Photo.Kind.AFTER)):
        picture = make.photo(issue, kind=kind, public=True, position=at, width=40, height=30)
        for size in ("large", "medium", "small"):
            default_storage.save(picture.path(size), ContentFile(_jpeg("#663300", "#66aa66")[at]))
    publish(issue)
    make.issue()
    return issue


def _jpeg(*colours):
    found = []
    for colour in colours:
        held = io.BytesIO()
        Image.new("RGB", (40, 30), colour).save(held, "JPEG")
        found.append(held.getvalue())
    return found


def open_issue(page, live_server, issue, *, width=1280):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/laporan/{issue.number}")


def test_c15_photos_stand_side_by_side_and_buttons_lay_one_on_the_other(
    page, live_server, repaired
):
    open_issue(page, live_server, repaired, width=320)
    boxes = [one.bounding_box() for one in page.locator(".compare .photo").all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] < boxes[1]["x"]

    page.get_by_role("button", name="Sesudah").click()

    assert page.locator(".compare__pair").evaluate("e => e.style.getPropertyValue('--at')") == "0%"


def test_c15_the_comparison_moves_by_keys(page, live_server, repaired):
    open_issue(page, live_server, repaired)
    page.get_by_role("button", name="Tumpuk").press("Enter")
    slider = page.get_by_role("slider", name="Geser antara sebelum dan sesudah")

    slider.press("ArrowRight")

    expect(slider).to_have_value("51")
    expect(slider).to_have_attribute("aria-valuetext", "Sebelum 51 %, Sesudah 49 %")


def test_c15_the_story_is_an_ordered_list_with_the_newest_last(page, live_server, repaired):
    open_issue(page, live_server, repaired)

    story = page.locator("ol.timeline > li")

    expect(story.first).to_contain_text("Laporan diterima.")
    expect(story.last).to_contain_text("Selesai ditangani.")
    expect(story.last).to_contain_text("WITA")
    expect(page.locator(".issue__status")).to_contain_text("Selesai")
    expect(page.locator(".issue__status svg")).to_be_visible()


def test_c13_no_name_of_the_reporter_is_on_the_page(page, live_server, repaired):
    open_issue(page, live_server, repaired)

    assert "Rahasia" not in page.content()


def test_c18_me_too_counts_once_and_can_be_taken_back(page, live_server, repaired):
    other = PublicDetail.objects.exclude(pk=repaired.pk).get()
    open_issue(page, live_server, other, width=390)
    button = page.get_by_role("button", name="Saya juga")

    button.click()
    expect(button).to_contain_text("(1)")
    button.click()
    expect(button).to_contain_text("(1)")
    page.get_by_role("button", name="Batalkan").click()

    expect(button).to_contain_text("(0)")


def test_c18_me_too_works_without_a_script(browser, live_server, repaired):
    other = PublicDetail.objects.exclude(pk=repaired.pk).get()
    context = browser.new_context(java_script_enabled=False, locale="id-ID")
    found = context.new_page()
    found.goto(f"{live_server.url}/laporan/{other.number}")

    found.get_by_role("button", name="Saya juga").click()

    expect(found.get_by_role("button", name="Saya juga")).to_contain_text("(1)")
    context.close()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a1_axe_finds_nothing_on_the_page_of_an_issue(
    browser, live_server, repaired, language, width
):
    context = browser.new_context(locale=language, reduced_motion="reduce")
    found = context.new_page()
    open_issue(found, live_server, repaired, width=width)
    expect(found.locator(".sign")).to_be_visible()
    found.locator(".compare__ways button").nth(2).click()

    assert violations(found) == []
    context.close()


def test_on_paper_there_is_a_code_and_nothing_to_press(page, live_server, repaired):
    open_issue(page, live_server, repaired)

    page.emulate_media(media="print")

    expect(page.locator(".issue__printed img")).to_be_visible()
    for hidden in (".nav", ".share", ".issue__actions", ".footer", ".compare__ways"):
        expect(page.locator(hidden)).to_be_hidden()


def test_s17_the_structured_data_pass_the_policy(page, live_server, repaired):
    open_issue(page, live_server, repaired)

    kind = page.locator('script[type="application/ld+json"]').evaluate(
        "script => JSON.parse(script.textContent)['@type']"
    )

    assert kind == "Report"
