"""The walk of a report: from the plain form to the public page, and every letter on the way."""

import re
from uuid import uuid4

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from geodata import tiles
from geodata.tiles import Tile
from issues.invariants import TRUTHS
from issues.models import Issue, Photo
from issues.workflow import Role
from tests import make
from tests.issues import photo_corpus
from tests.payer import pay

WORDS = "Lampu jalan mati sejak tiga malam di depan pasar."


def form(**fields):
    return {
        "uuid": str(uuid4()),
        "service_code": "lpju-mati",
        "description": WORDS,
        "lat": make.LAT + make.SIDE / 2,
        "lon": make.LON + make.SIDE / 2,
    } | fields


def send(citizen: Client, **fields) -> Issue:
    values = form(**fields)
    answer = citizen.post("/lapor", values | {"proof": pay(citizen, values["uuid"])})
    assert answer.status_code == 302, answer.content.decode()
    assert citizen.get(answer.url).status_code == 200
    return Issue.objects.latest("pk")


def tile() -> bytes:
    square = Tile.holding(make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2, z=14)
    return Client().get(f"/tiles/{square.z}/{square.x}/{square.y}").content


def test_from_the_form_to_the_public_page(work, desk):
    citizen, reader = Client(), Client()
    photo = SimpleUploadedFile("pohon.jpg", photo_corpus.jpeg_with_canaries()[0], "image/jpeg")

    issue = send(citizen, email="wayan@example.com", consent="on", photos=photo)

    assert issue.number in reader.get("/laporan").content.decode()
    assert int(issue.number[-6:]) > 0
    assert tile()
    page = reader.get(f"/laporan/{issue.number}").content.decode()
    assert "Ditangani Dinas Dishub: lampu jalan di jalan kota" in page
    assert WORDS not in page

    work()
    assert Photo.objects.get().state == Photo.State.CLEAN
    assert {letter.to[0] for letter in mail.outbox} == {"wayan@example.com", "dishub@kota.example"}
    for letter in mail.outbox:
        assert WORDS not in letter.body
        assert "wayan" not in letter.body.lower()

    dispatcher = desk(make.user(Role.DISPATCHER))
    assert issue.number in dispatcher.get("/kerja/triase?queue=tinjau").content.decode()
    released = dispatcher.post(
        f"/kerja/laporan/{issue.number}/tinjau",
        {
            "version": Issue.objects.get(pk=issue.pk).version,
            "public_text": "Lampu jalan mati di depan pasar.",
            "photos": [str(Photo.objects.get().pk)],
        },
    )
    assert released.status_code == 302

    page = reader.get(f"/laporan/{issue.number}").content.decode()
    picture = re.search(r"/foto/[\w/-]+/large\.jpg", page)
    assert "Lampu jalan mati di depan pasar." in page
    assert picture
    shown = reader.get(picture[0])
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    assert [str(one) for truth in TRUTHS for one in truth.find(None)] == []


def test_the_secret_link_of_the_letter_opens_the_reporters_own_page(work):
    issue = send(Client(), email="wayan@example.com", consent="on", confidential="on")
    work()

    receipt = next(letter for letter in mail.outbox if "sudah kami terima" in letter.subject)
    secret = re.search(r"/lacak#(\S+)", receipt.body)[1]
    elsewhere = Client()
    opened = elsewhere.post("/lacak", {"rahasia": secret}, follow=True)

    assert WORDS in opened.content.decode()
    assert Client().get(f"/laporan/{issue.number}").status_code == 404
    assert issue.number not in Client().get("/laporan").content.decode()


def test_without_a_map_the_area_is_enough(work):
    issue = send(Client(), lat="", lon="", area_code="2.1", address="Gang tiga")

    work()

    page = Client().get(f"/laporan/{issue.number}").content.decode()
    assert (issue.point, issue.jurisdiction.code) == (None, "2.1")
    assert "Kelurahan 2.1" in page
    assert "Gang tiga" not in page
    assert tiles.count(issue.public.__class__.objects.all(), Tile(0, 0, 0)).total == 0
