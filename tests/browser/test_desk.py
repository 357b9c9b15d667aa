"""Dispatcher, liaison and crew at work: on a desk and on a phone, by pointer and by keyboard."""

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from issues import actions
from issues.models import PublicDetail
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
HERE = {"latitude": make.LAT + 0.01, "longitude": make.LON + 0.0199, "accuracy": 12}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


@pytest.fixture
def visit(browser, live_server):
    """Log somebody in; whatever the pages complain of, or ask of strangers, fails the test."""
    contexts, complaints = [], []

    def open_(someone, **options):
        EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
        context = browser.new_context(base_url=live_server.url, locale="id-ID", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _bad(said) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if _foreign(asked) else None)
        page.goto("/kerja/")
        page.locator("[name=login]").fill(someone.email)
        page.locator("[name=password]").fill(make.PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()
        return page

    def _foreign(asked):
        return not asked.url.startswith((live_server.url, "data:", "blob:"))

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _bad(said):
    # A refusal by our own server is what some tests are about.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def member(role, code="DISHUB"):
    department = make.department(code) if role in {Role.LIAISON, Role.CREW} else None
    return make.user(role, department=department)


def sound(page):
    """No axe finding, and nothing to scroll sideways."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def listening(page):
    """Wait until the page's module has drawn its map: from then on it hears the keys."""
    expect(page.locator(".minimap__mark").first).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a1_the_pages_of_the_office_are_accessible(visit, size):
    issue = make.issue(description="Lampu mati, hubungi 0812-3456-7890.")
    photo = office.photo(issue)
    make.issue()
    page = visit(office.also(member(Role.DISPATCHER), Role.CREW, make.department()), **size)

    sound(page)
    for address in (
        "/kerja/triase?queue=tinjau",
        "/kerja/papan",
        f"/kerja/laporan/{issue.number}",
        f"/kerja/laporan/{issue.number}/tinjau",
        f"/kerja/laporan/{issue.number}/duplikat",
        f"/kerja/foto/{photo.pk}/tutupi",
        "/kerja/lapangan",
        f"/kerja/lapangan/{issue.number}",
    ):
        page.goto(address)
        sound(page)


def test_v2_a_duplicate_is_laid_beside_its_original_and_merged(visit):
    original, issue = make.issue(), make.issue()
    page = visit(member(Role.DISPATCHER), **DESK)

    page.goto(f"/kerja/laporan/{issue.number}")
    listening(page)
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name=f"Laporan asli: {original.number}")).to_be_visible()
    listening(page)
    page.keyboard.press("m")
    expect(page.get_by_text("Duplikat dari")).to_be_visible()

    assert office.fresh(issue).merged_into == original


def test_a_reviewer_releases_masked_words_and_one_photo(visit):
    issue = make.issue(description="Lampu mati, hubungi 0812-3456-7890.")
    office.photo(issue)
    page = visit(member(Role.DISPATCHER), **DESK)

    page.goto(f"/kerja/laporan/{issue.number}/tinjau")
    page.get_by_label("Foto 1 boleh publik").check()
    page.get_by_role("button", name="Rilis yang dipilih").click()
    expect(page.get_by_text("Lampu mati, hubungi ●●●.")).to_be_visible()

    detail = PublicDetail.objects.get(issue=issue)
    assert (detail.text, detail.photos.count()) == ("Lampu mati, hubungi ●●●.", 1)


def redaction(visit):
    photo = office.photo(make.issue())
    page = visit(member(Role.DISPATCHER), **DESK)
    page.goto(f"/kerja/foto/{photo.pk}/tutupi")
    return page, photo


def burnt(page, photo):
    page.get_by_role("button", name="Tutupi", exact=True).click()
    expect(page.get_by_role("heading", name="Tinjau teks dan foto")).to_be_visible()
    return photo.issue.events.last().data["boxes"]


def test_a_box_is_drawn_with_the_pointer(visit):
    page, photo = redaction(visit)
    frame = page.locator(".redact__stage").bounding_box()

    page.mouse.move(frame["x"] + frame["width"] * 0.25, frame["y"] + frame["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.75, frame["y"] + frame["height"] * 0.5)
    page.mouse.up()

    [box] = burnt(page, photo)
    assert box == pytest.approx([0.25, 0.25, 0.5, 0.25], abs=0.03)


def test_a_box_is_placed_by_keys_alone(visit):
    page, photo = redaction(visit)

    page.get_by_role("button", name="Tambah kotak").press("Enter")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)

    assert burnt(page, photo) == [[0.38, 0.39, 0.21, 0.21]]


def test_a_box_is_typed_as_numbers_without_javascript(visit):
    photo = office.photo(make.issue())
    page = visit(member(Role.DISPATCHER), **DESK, java_script_enabled=False)

    page.goto(f"/kerja/foto/{photo.pk}/tutupi")
    row = page.get_by_role("group", name="Kotak 1")
    for name, number in (("Kiri", "10"), ("Atas", "20"), ("Lebar", "30"), ("Tinggi", "40")):
        row.get_by_label(name).fill(number)

    assert burnt(page, photo) == [[0.1, 0.2, 0.3, 0.4]]


def test_two_liaisons_at_once_lose_no_word(visit):
    issue = make.issue()
    page = visit(member(Role.LIAISON), **DESK)
    page.goto(f"/kerja/laporan/{issue.number}")
    page.locator("summary", has_text="Jadwalkan").click()
    page.get_by_label("Rencana: kapan dan siapa").fill("Regu B, Senin pagi.")

    actions.take(issue.pk, Step.ACCEPT, actor=member(Role.LIAISON))
    page.get_by_role("button", name="Jadwalkan").click()

    expect(page.locator("#stale")).to_be_focused()
    expect(page.get_by_label("Rencana: kapan dan siapa")).to_have_value("Regu B, Senin pagi.")
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.get_by_text("Dijadwalkan").first).to_be_visible()
    assert office.fresh(issue).status == Status.SCHEDULED


def test_m4_the_board_shows_in_its_list_what_its_map_shows(visit):
    make.issue()
    make.issue(lon=make.LON - 0.01)
    page = visit(member(Role.LIAISON), **DESK)

    page.goto("/kerja/papan")
    expect(page.locator(".minimap__mark")).to_have_count(2)
    page.get_by_label("Wilayah").select_option("2.1")
    page.get_by_role("button", name="Saring").click()

    expect(page.get_by_text("0 laporan")).to_be_visible()
    assert page.url.endswith("/kerja/papan?area=2.1")


def test_w1_the_nearest_job_comes_first_from_where_the_crew_stands(visit):
    west = make.issue(lon=make.LON + 0.0005)
    east = make.issue(lon=make.LON + 0.0195)
    page = visit(member(Role.CREW), **PHONE, permissions=["geolocation"], geolocation=HERE)
    jobs = page.locator("#rows .row__link")

    page.goto("/kerja/lapangan")
    expect(jobs.first).to_have_attribute("href", f"/kerja/lapangan/{west.number}")
    page.get_by_role("button", name="Dari tempat saya").tap()
    page.wait_for_url("**/kerja/lapangan?lon=115.22*")

    expect(jobs.first).to_have_attribute("href", f"/kerja/lapangan/{east.number}")
    expect(page.locator(".minimap__here")).to_have_count(1)


def test_w2_w3_a_crew_takes_a_job_and_proves_the_repair_with_one_thumb(visit):
    issue = make.issue()
    page = visit(member(Role.CREW), **PHONE)

    page.goto("/kerja/lapangan")
    page.locator("#rows .row__link").first.tap()
    start = page.get_by_role("button", name="Saya kerjakan")
    thumb = start.bounding_box()
    assert thumb["height"] >= 48
    assert thumb["y"] > 844 * 2 / 3
    start.tap()
    expect(page.get_by_text("Tindak lanjut lapangan")).to_be_visible()
    page.locator(".job__finish > summary").tap()
    picture = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": office.picture()}
    page.get_by_label("Foto sesudah").set_input_files(picture)
    page.locator(".job__finish").get_by_role("button", name="Selesai").tap()
    expect(page.get_by_text(f"{issue.number} tersimpan.")).to_be_visible()

    assert office.fresh(issue).status == Status.RESOLVED
    assert issue.photos.get().kind == "after"


def test_a7_a_crew_works_without_javascript(visit):
    issue = make.issue()
    page = visit(member(Role.CREW), **PHONE, java_script_enabled=False)

    page.goto("/kerja/lapangan")
    page.locator("#rows .row__link").first.tap()
    page.get_by_role("button", name="Saya kerjakan").tap()
    page.locator(".job__finish > summary").tap()
    page.get_by_label("Catatan, atau alasan tanpa foto").fill("Gelap, tidak ada yang tampak.")
    page.locator(".job__finish").get_by_role("button", name="Selesai").tap()
    expect(page.get_by_text(f"{issue.number} tersimpan.")).to_be_visible()

    assert office.fresh(issue).status == Status.RESOLVED


def test_w4_navigation_opens_the_phones_own_map(visit):
    issue = make.issue()
    page = visit(member(Role.CREW), **PHONE)

    page.goto(f"/kerja/lapangan/{issue.number}")

    link = page.get_by_role("link", name="Navigasi ke lokasi")
    assert link.get_attribute("href").startswith(f"geo:{issue.point.y:.6f},{issue.point.x:.6f}")


def test_w6_refusing_names_the_office_that_may_be_right(visit):
    make.rule("kawasan", to="PELINDO", service_code="lpju", level=3, area_code="2.1")
    issue = make.issue()
    page = visit(member(Role.LIAISON), **PHONE)

    page.goto(f"/kerja/laporan/{issue.number}")
    page.locator("summary", has_text="Bukan wewenang kami").tap()
    expect(page.get_by_text("Yang mungkin berwenang menurut rute: Pelindo")).to_be_visible()
    page.get_by_role("textbox", name="Alasan").fill("Di kawasan pelabuhan.")
    page.get_by_role("button", name="Bukan wewenang kami").tap()
    expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()

    assert office.fresh(issue).department is None
