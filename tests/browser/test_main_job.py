"""The main job in one line: a pin with a photo becomes a repaired issue on the public map.

Every person has a browser of their own; the page of each is listened to, and axe looks at it.
"""

import re

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.db import connection
from playwright.sync_api import expect

from issues import invariants, jobs
from issues.models import Issue, Photo, PublicIssue, Sighting
from issues.workflow import Layer, Role, Status
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
HERE = {"latitude": make.LAT + 0.01, "longitude": make.LON + 0.01, "accuracy": 12}
WORDS = "Lampu jalan mati sejak tiga malam, gelap sekali di tikungan."
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CLOSE = "/#17/-8.65/115.21"


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)
    make.road([(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)], road_class="city")


@pytest.fixture(params=[PHONE, DESK], ids=["390", "1280"])
def person(request, browser, live_server):
    """Open a browser for somebody; what any page complains of, or asks of strangers, fails."""
    contexts, heard = [], []

    def open_(path, someone=None):
        context = browser.new_context(
            base_url=live_server.url,
            locale="id-ID",
            reduced_motion="reduce",
            permissions=["geolocation"],
            geolocation=HERE,
            **request.param,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: heard.append(asked.url) if _foreign(asked) else None)
        if someone:
            _log_in(page, someone)
        page.goto(path)
        return page

    def _foreign(asked):
        return not asked.url.startswith((live_server.url, "data:", "blob:"))

    yield open_
    for context in contexts:
        context.close()
    assert heard == []


def _log_in(page, someone):
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    page.goto("/kerja/")
    page.locator("[name=login]").fill(someone.email)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()


def work(queue):
    """Do the jobs that wait, as the worker does them."""
    waiting = [job for job in queue() if job.status == "todo"]
    for job in sorted(waiting, key=lambda job: -job.priority):
        getattr(jobs, job.task_name)(**job.args)
        with connection.cursor() as cursor:
            done = "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s"
            cursor.execute(done, [job.pk])


def sound(page):
    """No axe finding, nothing to scroll sideways."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def on_the_map(person, number, layer):
    """The public map names the issue with this layer, and its page says so too."""
    page = person(CLOSE)
    name = re.compile(f"{layer.label}.*{number}")
    expect(page.get_by_role("button", name=name)).to_be_attached()
    page.goto(f"/laporan/{number}")
    expect(page.locator(f"main header .layer--{layer.slug}")).to_be_visible()
    sound(page)
    return page


def report(person):
    """A citizen pins a dead lamp with a photo and gets a number."""
    page = person("/lapor")
    picture = {"name": "lampu.jpg", "mimeType": "image/jpeg", "buffer": office.picture()}
    page.set_input_files("[data-add] input", [picture])
    page.get_by_role("button", name="Gunakan lokasi saya").click()
    expect(page.locator("#point-said")).to_contain_text("Titik ditandai")
    _next(page)
    page.locator(".tile-choice", has_text="Lpju Mati").click()
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    _next(page)
    page.get_by_role("button", name=re.compile("Kirim laporan")).click()
    page.wait_for_url("**/lapor/*-*")
    expect(page.locator("main")).to_contain_text("Dinas Dishub")
    sound(page)
    return page.locator("#number").inner_text()


def _next(page):
    """Go to the next screen where the form is one screen after another."""
    button = page.get_by_role("button", name="Lanjut")
    if button.is_visible():
        button.click()


def test_a_pin_becomes_a_repaired_issue_that_everybody_sees(person, queue):
    number = report(person)
    work(queue)
    issue = Issue.objects.get(number=number)
    assert issue.status == Status.ASSIGNED
    assert Photo.objects.get().state == Photo.State.CLEAN
    assert [box for letter in mail.outbox for box in letter.to] == [issue.department.email]
    page = on_the_map(person, number, Layer.WAITING)
    expect(page.locator("main")).not_to_contain_text("tiga malam")

    dispatcher = person(f"/kerja/laporan/{number}/tinjau", make.user(Role.DISPATCHER))
    dispatcher.get_by_label("Foto 1 boleh publik").check()
    dispatcher.get_by_role("button", name="Rilis yang dipilih").click()
    expect(dispatcher.get_by_text(WORDS).first).to_be_visible()
    sound(dispatcher)
    page = on_the_map(person, number, Layer.WAITING)
    expect(page.locator("main")).to_contain_text("tiga malam")
    expect(page.locator("main img[src*='/foto/']").first).to_be_visible()

    liaison = person(
        f"/kerja/laporan/{number}", make.user(Role.LIAISON, department=issue.department)
    )
    assert Sighting.objects.filter(issue=issue).exists()
    liaison.locator("summary", has_text="Beri respon awal").click()
    answer = liaison.locator("details[open] textarea").first
    answer.fill("Petugas datang besok pagi.")
    liaison.get_by_role("button", name="Beri respon awal").click()
    expect(liaison.get_by_text("Petugas datang besok pagi.").first).to_be_visible()
    sound(liaison)
    page = on_the_map(person, number, Layer.RESPONSE)
    expect(page.locator("main")).to_contain_text("Petugas datang besok pagi.")

    crew = person("/kerja/lapangan", make.user(Role.CREW, department=issue.department))
    crew.locator("#rows .row__link").first.click()
    crew.get_by_role("button", name="Saya kerjakan").click()
    expect(crew.get_by_text("Tindak lanjut lapangan").first).to_be_visible()
    on_the_map(person, number, Layer.FIELD)

    crew.locator(".job__finish > summary").click()
    after = {"name": "sesudah.jpg", "mimeType": "image/jpeg", "buffer": office.picture("white")}
    crew.get_by_label("Foto sesudah").set_input_files(after)
    crew.locator(".job__finish").get_by_role("button", name="Selesai").click()
    expect(crew.get_by_text(f"{number} tersimpan.")).to_be_visible()
    work(queue)
    on_the_map(person, number, Layer.DONE)

    row = PublicIssue.objects.get(number=number)
    assert (row.layer, row.overdue) == (Layer.DONE, False)
    assert {photo.kind for photo in issue.photos.filter(state="clean")} == {"before", "after"}
    assert [fault for truth in invariants.TRUTHS for fault in truth.find(None)] == []
