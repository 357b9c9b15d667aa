"""A crew in the field on its phone: the planned day, one thumb, a slip taken back, a new sight."""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from issues import actions
from issues.models import Category, Issue
from issues.workflow import Role, Status, Step
from tests import make
from tests.browser.test_desk import DESK, HERE, PHONE, member, sound, visit
from tests.issues import field, office

__all__ = ["visit"]

pytestmark = pytest.mark.django_db(transaction=True)

LOOKED_AT = os.environ.get("CIVICMAP_PICTURES")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def look(page, name):
    if LOOKED_AT:
        Path(LOOKED_AT).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{LOOKED_AT}/{name}.png", full_page="full" in name)


def thumb(control):
    """High enough for a thumb, and in the lower third of the phone."""
    box = control.bounding_box()
    return box["height"] >= 48 and box["y"] > 844 * 2 / 3


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_the_field_are_accessible(visit, size):
    someone = member(Role.CREW)
    jobs = [
        make.issue(lon=make.LON + 0.003 * n, lat=make.LAT + 0.002 * (n % 3)) for n in range(1, 6)
    ]
    Category.objects.filter(service_code="lpju-mati").update(nature="segera")
    late = make.issue(at=timezone.now() - make.days(20), lon=make.LON + 0.018)
    make.take(jobs[0], Step.NOTE, note="Bawa tangga 6 m.")
    actions.take(jobs[0].pk, Step.WRITE, actor=someone, note="Di sebelah mana tiangnya?")
    actions.take(jobs[0].pk, Step.ADD, actor=None, note="Di depan warung.")
    name = "phone" if size is PHONE else "desk"
    page = visit(someone, **size, permissions=["geolocation"], geolocation=HERE)

    page.goto("/kerja/lapangan")
    sound(page)
    look(page, f"list-{name}")
    page.goto("/kerja/lapangan?urut=hari&kembali=1")
    expect(page.locator(".minimap__order")).to_have_count(6)
    sound(page)
    look(page, f"plan-{name}")
    for path in (f"/kerja/lapangan/{jobs[0].number}", f"/kerja/lapangan/{late.number}"):
        page.goto(path)
        expect(page.locator(".minimap__mark")).to_have_count(1)
        sound(page)
    look(page, f"job-{name}")
    page.locator("summary", has_text="Perlu bantuan").click()
    sound(page)
    look(page, f"help-{name}")
    page.goto(f"/kerja/lapangan/{jobs[0].number}")
    look(page, f"letters-full-{name}")
    page.goto("/kerja/lapangan/lapor")
    sound(page)
    look(page, f"sighting-full-{name}")


def test_the_buttons_of_a_job_lie_under_the_thumb(visit):
    make.issue()
    page = visit(member(Role.CREW), **PHONE)

    page.goto("/kerja/lapangan")
    page.locator("#rows .row__link").first.tap()

    bar = page.locator(".job__bar")
    for control in (
        page.get_by_role("button", name="Menuju lokasi"),
        page.get_by_role("button", name="Saya kerjakan"),
        bar.locator("summary", has_text="Selesai"),
        bar.locator("summary", has_text="Tidak ditemukan"),
        bar.locator("summary", has_text="Perlu bantuan"),
    ):
        assert thumb(control), control


def test_a_slip_of_the_thumb_is_taken_back_within_ten_seconds(visit):
    issue = make.issue()
    page = visit(member(Role.CREW), **PHONE)
    page.goto(f"/kerja/lapangan/{issue.number}")

    page.get_by_role("button", name="Saya kerjakan").tap()
    back = page.get_by_role("button", name="Batalkan")
    expect(back).to_contain_text("s)")
    look(page, "undo-phone")
    back.tap()
    expect(page.get_by_text("Didisposisikan")).to_be_visible()

    assert office.fresh(issue).status == Status.ASSIGNED


def test_the_way_back_is_gone_after_ten_seconds(visit):
    issue = make.issue()
    page = visit(member(Role.CREW), **PHONE)
    page.clock.install()
    page.goto(f"/kerja/lapangan/{issue.number}")

    page.get_by_role("button", name="Saya kerjakan").tap()
    expect(page.get_by_role("button", name="Batalkan")).to_be_visible()
    page.clock.run_for(11_000)

    expect(page.get_by_role("button", name="Batalkan")).to_have_count(0)


def test_w3_a_photo_of_the_repair_says_when_and_where_it_was_taken(visit):
    issue = make.issue(steps=[Step.START])
    page = visit(member(Role.CREW), **PHONE, permissions=["geolocation"], geolocation=HERE)
    page.goto(f"/kerja/lapangan/{issue.number}")

    page.locator(".job__finish > summary").tap()
    picture = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": office.picture()}
    page.get_by_label("Foto sesudah").set_input_files(picture)
    expect(page.locator("input[name=lon]")).to_have_value("115.219900")
    look(page, "finish-phone")
    page.locator(".job__finish").get_by_role("button", name="Selesai").tap()
    expect(page.get_by_text(f"{issue.number} tersimpan.")).to_be_visible()
    look(page, "done-phone")

    photo = issue.photos.get()
    assert photo.captured_at is not None
    assert photo.accuracy_m == 12
    assert photo.distance_m == pytest.approx(1090, abs=20)


def test_a_new_problem_is_reported_in_three_taps(visit):
    make.issue(service_code="layanan-lambat")
    page = visit(member(Role.CREW), **PHONE, permissions=["geolocation"], geolocation=HERE)
    page.goto("/kerja/lapangan/lapor")
    before = Issue.objects.count()

    page.get_by_role("button", name="Di tempat saya").tap()
    expect(page.get_by_text("Lokasi ditemukan.")).to_be_visible()
    page.locator(".tile-choice", has_text="Lpju Mati").tap()
    look(page, "sighting-phone")
    page.get_by_role("button", name="Kirim").tap()
    expect(page.get_by_text("Terkirim:")).to_be_visible()

    issue = Issue.objects.order_by("-pk").first()
    assert Issue.objects.count() == before + 1
    assert (issue.channel, issue.category.service_code) == ("crew", "lpju-mati")
    assert issue.point.coords == pytest.approx((115.2199, -8.65))


def test_a7_what_was_seen_is_reported_without_javascript(visit):
    page = visit(member(Role.CREW), **PHONE, java_script_enabled=False)

    page.goto("/kerja/lapangan/lapor")
    page.get_by_label("Desa/kelurahan").select_option("1.2")
    page.locator(".tile-choice", has_text="Lpju Mati").tap()
    page.locator(".tile-choice", has_text="Layanan Lambat").tap()
    page.get_by_role("button", name="Kirim").tap()
    expect(page.get_by_text("Terkirim:")).to_be_visible()

    assert {one.jurisdiction.code for one in Issue.objects.all()} == {"1.2"}
    assert Issue.objects.count() == 2


def test_the_office_sees_flags_collisions_and_the_repair_on_the_damage(visit, client):
    issue = make.issue(steps=[Step.START])
    someone = field.crew()
    office.photo(issue)
    old = field.op(issue, Step.RESOLVE, note="Sudah menyala.")
    office.enter(client, someone)
    field.shoot(client, issue, lat=str(make.LAT), lon=str(make.LON))
    office.processed(issue.photos.get(kind="after"))
    field.post(client, field.op(issue, Step.RESOLVE))
    make.take(issue, Step.REOPEN, note="Belum menyala.")
    field.post(client, old | {"id": str(make.uuid(4))})
    page = visit(member(Role.LIAISON), **DESK)

    page.goto("/kerja/papan")
    expect(page.get_by_text("perlu diperiksa")).to_be_visible()
    page.goto(f"/kerja/laporan/{issue.number}")
    expect(page.get_by_text("dari titik laporan (ketelitian ±8 m).")).to_be_visible()
    page.get_by_text("Langkah dari lapangan yang bertabrakan").click()
    page.get_by_role("button", name="Tumpuk").click()
    expect(page.get_by_role("slider")).to_be_visible()
    sound(page)
    look(page, "case-full-desk")
    page.get_by_role("button", name="Sudah diperiksa").first.click()
    expect(page.get_by_role("button", name="Sudah diperiksa")).to_have_count(0)

    assert issue.flags.filter(settled_at=None).count() == 0
