"""The walk of a repair: told, seen, started, proved, validated, doubted, repaired again."""

from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from geodata.models import Department
from issues import actions
from issues.invariants import TRUTHS
from issues.models import Issue, PublicIssue
from issues.workflow import Layer, Role, Status
from tests import make
from tests.issues import photo_corpus


@pytest.fixture
def lamp(work):
    issue = make.issue(email="wayan@example.com", consent=True)
    work()
    mail.outbox.clear()
    return issue


def person(role: Role):
    return make.user(role, department=make.department("DISHUB"))


def step(client: Client, issue: Issue, name: str, *, where: str = "laporan", **fields):
    version = Issue.objects.get(pk=issue.pk).version
    data = {"step": name, "version": version, "photo_id": str(uuid4())} | fields
    return client.post(f"/kerja/{where}/{issue.number}/langkah", data)


def layer(issue: Issue) -> Layer:
    return Layer(PublicIssue.objects.get(pk=issue.pk).layer)


def proof() -> SimpleUploadedFile:
    return SimpleUploadedFile("sesudah.jpg", photo_corpus.jpeg(), "image/jpeg")


def test_from_the_board_to_the_repair_and_back(lamp, work, desk):
    liaison, crew = desk(person(Role.LIAISON)), desk(person(Role.CREW))
    seen = [layer(lamp)]

    assert lamp.number in liaison.get("/kerja/papan").content.decode()
    assert liaison.get(f"/kerja/laporan/{lamp.number}").status_code == 200
    assert lamp.sightings.count() == 1
    assert step(liaison, lamp, "respond", note="Petugas datang besok.").status_code == 302
    seen.append(layer(lamp))
    assert lamp.number in crew.get("/kerja/lapangan").content.decode()
    assert step(crew, lamp, "start", where="lapangan").status_code == 302
    seen.append(layer(lamp))
    assert step(crew, lamp, "resolve", where="lapangan", photo=proof()).status_code == 302
    seen.append(layer(lamp))
    assert seen == [Layer.WAITING, Layer.RESPONSE, Layer.FIELD, Layer.DONE]

    work()
    told = [letter for letter in mail.outbox if letter.to == ["wayan@example.com"]]
    assert "Laporan Anda selesai ditangani." in told[-1].body

    citizen = Client()
    citizen.post("/lacak", {"rahasia": actions.token_for(lamp)})
    version = Issue.objects.get(pk=lamp.pk).version
    doubt = {"step": "reopen", "version": version, "note": "Masih mati malam ini."}
    assert citizen.post(f"/lacak/{lamp.number}", doubt).status_code == 302

    work()
    again = Issue.objects.get(pk=lamp.pk)
    assert (again.status, again.department.code) == (Status.ASSIGNED, "DISHUB")
    assert any(
        "dibuka kembali" in letter.subject
        for letter in mail.outbox
        if letter.to == ["dishub@kota.example"]
    )
    assert "Masih mati" not in Client().get(f"/laporan/{lamp.number}").content.decode()
    assert [str(one) for truth in TRUTHS for one in truth.find(None)] == []


def test_a_repair_without_proof_is_not_done(lamp, desk):
    crew = desk(person(Role.CREW))
    step(crew, lamp, "start", where="lapangan")

    refused = step(crew, lamp, "resolve", where="lapangan")

    assert refused.status_code == 422
    assert layer(lamp) is Layer.FIELD


def test_where_a_second_person_validates_the_repair_waits(lamp, desk):
    Department.objects.filter(code="DISHUB").update(validates=True)
    crew, liaison = desk(person(Role.CREW)), desk(person(Role.LIAISON))
    step(crew, lamp, "start", where="lapangan")

    fixed = step(crew, lamp, "fix", where="lapangan", photo=proof())
    waiting = layer(lamp)
    valid = step(liaison, lamp, "validate")

    assert (fixed.status_code, valid.status_code) == (302, 302)
    assert (waiting, layer(lamp)) == (Layer.FIELD, Layer.DONE)


def test_a_refusal_goes_back_to_triage_and_to_another_department(lamp, work, desk):
    liaison, dispatcher = desk(person(Role.LIAISON)), desk(make.user(Role.DISPATCHER))
    other = make.department("PLN")

    assert step(liaison, lamp, "refuse", note="Ini milik PLN.").status_code == 302
    assert lamp.number in dispatcher.get("/kerja/triase?queue=ditolak").content.decode()
    assert liaison.get(f"/kerja/laporan/{lamp.number}").status_code == 404
    sent = step(dispatcher, lamp, "assign", department=other.pk)
    assert sent.status_code == 302

    work()
    page = Client().get(f"/laporan/{lamp.number}").content.decode()
    assert Issue.objects.get(pk=lamp.pk).department == other
    assert "Ini milik PLN." in page
    assert any(letter.to == ["pln@kota.example"] for letter in mail.outbox)


def test_a_page_that_has_grown_old_loses_no_word(lamp, desk):
    one, other = desk(person(Role.LIAISON)), desk(person(Role.LIAISON))
    old = Issue.objects.get(pk=lamp.pk).version
    step(one, lamp, "respond", note="Petugas datang besok.")

    stale = step(other, lamp, "schedule", note="Hari Rabu pukul sembilan.", version=old)

    assert stale.status_code == 409
    assert "Hari Rabu pukul sembilan." in stale.content.decode()
    assert "Petugas datang besok." in stale.content.decode()
