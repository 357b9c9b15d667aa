import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from issues import jobs, notifications
from issues.actions import tracking
from issues.models import Category
from issues.notifications import NOTICES, OFFICE, RECEIPT, REPORTER
from issues.workflow import INTERNAL, Role, Step
from tests import make

pytestmark = pytest.mark.django_db

WORDS = "Lampu di depan rumah Pak Ketut Sudana mati"
SENDER = {"name": "Wayan Rahasia", "email": "wayan@warga.example", "phone": "081234567890"}
TASKS = {RECEIPT: jobs.receipt, REPORTER: jobs.tell_reporter, OFFICE: jobs.tell_office}


def tell(name, issue, *, seq=None):
    """Run the job of an issue's newest (or given) event; return the letters that left."""
    mail.outbox.clear()
    event = issue.events.get(seq=seq or issue.version)
    TASKS[name](event_id=event.pk)
    return list(mail.outbox)


def reported(**fields):
    return make.issue(description=WORDS, **(SENDER | fields))


# The table -----------------------------------------------------------------------------------


def test_every_step_that_the_public_hears_of_is_told_or_says_why_not():
    between_staff = {Step.FIX}
    to_the_reporter_alone = {Step.WRITE}

    assert set(NOTICES) == set(Step) - INTERNAL - between_staff | to_the_reporter_alone


@pytest.mark.parametrize("step", [step for step, names in NOTICES.items() if REPORTER in names])
def test_a_step_that_is_told_to_the_reporter_has_its_sentence(step):
    assert notifications.WORDS[step] % {"department": "Dinas"}


@pytest.mark.parametrize("step", [step for step, names in NOTICES.items() if OFFICE in names])
def test_a_step_that_is_told_to_the_office_has_its_task(step):
    assert str(notifications.TASKS[step])


# The reporter --------------------------------------------------------------------------------


def test_a_receipt_names_number_department_date_and_the_way_back(settings):
    settings.PUBLIC_URL = "https://lapor.kota.example"
    issue = reported(at=timezone.now())

    [letter] = tell(RECEIPT, issue, seq=1)

    assert letter.to == ["wayan@warga.example"]
    assert issue.number in letter.subject
    assert f"https://lapor.kota.example/lacak#{tracking.token_for(issue)}" in letter.body
    assert "Dinas Dishub" in letter.body
    assert re.search(r"Batas waktu: \w+ \d+ \w+ \d{4} pukul 16\.00 WITA: 3 hari kerja", letter.body)


def test_a_receipt_without_a_department_says_when_somebody_looks():
    issue = reported(service_code="layanan-lambat")

    [letter] = tell(RECEIPT, issue, seq=1)

    assert "Tim koordinator memeriksanya" in letter.body
    assert "Dinas" not in letter.body


def test_nobody_is_told_where_the_reporter_left_no_address():
    issue = reported(email="")

    assert tell(RECEIPT, issue, seq=1) == []


def test_a_letter_repeats_neither_the_reporters_words_nor_who_they_are():
    """The address may be somebody else's: the form must not become a way to write to strangers."""
    issue = reported()

    letters = tell(RECEIPT, issue, seq=1) + tell(REPORTER, issue)

    assert len(letters) == 2
    for letter in letters:
        text = f"{letter.subject}\n{letter.body}"
        assert not [word for word in (WORDS, "Ketut", "Wayan", "0812") if word in text]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step.RESPOND, "memberi respon awal"),
        (Step.SCHEDULE, "menjadwalkan"),
        (Step.START, "mulai menangani"),
        (Step.RESOLVE, "selesai ditangani"),
        (Step.REJECT, "tidak dapat ditindaklanjuti"),
        (Step.REFUSE, "bukan wewenangnya"),
        (Step.FORWARD, "instansi lain"),
        (Step.ASK, "perlu jawaban Anda"),
    ],
)
def test_the_reporter_hears_what_happened_and_why(step, told):
    issue = make.take(reported(), step, note="karena hujan deras")

    [letter] = tell(REPORTER, issue)

    assert told in letter.body
    assert ("karena hujan deras" in letter.body) == (step is not Step.START)


def test_a_question_brings_the_way_to_answer():
    issue = make.take(reported(), Step.ASK, note="Tiang nomor berapa?")

    [letter] = tell(REPORTER, issue)

    assert "Pertanyaan untuk Anda" in letter.subject
    assert "Tiang nomor berapa?" in letter.body
    assert f"/lacak#{tracking.token_for(issue)}" in letter.body


def test_a_duplicate_names_the_page_of_its_original():
    original, issue = make.issue(), reported()
    issue = make.take(issue, Step.MERGE, original=original)

    [letter] = tell(REPORTER, issue)

    assert f"/laporan/{original.number}" in letter.body


def test_a_duplicate_keeps_quiet_about_a_confidential_original():
    original, issue = make.issue(confidential=True), reported()
    issue = make.take(issue, Step.MERGE, original=original)

    [letter] = tell(REPORTER, issue)

    assert original.number not in letter.body


def test_an_internal_note_stays_inside():
    issue = make.take(reported(), Step.ACCEPT, note="pelapor ini cerewet")

    [letter] = tell(REPORTER, issue)

    assert "cerewet" not in letter.body


def test_the_reporter_is_told_in_the_language_of_the_form():
    issue = reported(language="en", at=timezone.now())
    Category.objects.update(name_en="Street lamp out")

    [letter] = tell(RECEIPT, issue, seq=1)

    assert "Street lamp out" in letter.body


# The office ----------------------------------------------------------------------------------


def test_the_department_and_its_people_hear_of_a_new_issue_at_once():
    issue = reported()
    liaison = make.user(Role.LIAISON, department=issue.department)
    make.user(Role.CREW, department=issue.department)
    make.user(Role.LIAISON, department=make.department("DLHK"))
    make.user(Role.LIAISON, department=issue.department, is_active=False)

    [letter] = tell(OFFICE, issue)

    assert letter.recipients() == ["dishub@kota.example", liaison.email]
    assert f"/kerja/laporan/{issue.number}" in letter.body
    assert issue.category.name in letter.subject


def test_a_liaison_of_another_area_is_left_alone():
    issue = reported()
    make.user(Role.LIAISON, department=issue.department, area_code="2.1")
    near = make.user(Role.LIAISON, department=issue.department, area_code="1")

    [letter] = tell(OFFICE, issue)

    assert letter.recipients() == ["dishub@kota.example", near.email]


def test_the_office_learns_nothing_about_the_reporter():
    issue = reported()

    [letter] = tell(OFFICE, issue)

    text = f"{letter.subject}\n{letter.body}\n{letter.extra_headers}"
    secrets = (*SENDER.values(), WORDS, tracking.token_for(issue), "Ketut")
    assert not [secret for secret in secrets if secret in text]


def test_of_a_confidential_issue_only_number_and_link_leave_the_house():
    issue = reported(confidential=True)

    [letter] = tell(OFFICE, issue)

    text = f"{letter.subject}\n{letter.body}"
    assert issue.number in text
    assert f"/kerja/laporan/{issue.number}" in text
    for hidden in (issue.category.name, issue.place or "Kelurahan", "1.2", "Dishub"):
        assert hidden not in text


def test_what_lands_in_triage_reaches_the_dispatchers():
    issue = reported(service_code="layanan-lambat")
    dispatcher = make.user(Role.DISPATCHER)

    [letter] = tell(OFFICE, issue, seq=1)

    assert letter.recipients() == [dispatcher.email]
    assert "menunggu tim koordinator" in letter.subject


def test_a_refused_issue_goes_back_to_the_dispatchers():
    issue = make.take(reported(), Step.REFUSE)
    dispatcher = make.user(Role.DISPATCHER)

    [letter] = tell(OFFICE, issue)

    assert letter.recipients() == [dispatcher.email]


def test_a_department_that_nobody_can_write_to_falls_to_the_dispatchers():
    issue = reported()
    type(issue.department).objects.update(email="")
    dispatcher = make.user(Role.DISPATCHER)

    [letter] = tell(OFFICE, issue)

    assert letter.recipients() == [dispatcher.email]


# Once, in order, in time ---------------------------------------------------------------------


def test_the_same_letter_has_the_same_name_for_ever():
    issue = reported()

    [first], [again] = tell(RECEIPT, issue, seq=1), tell(RECEIPT, issue, seq=1)

    assert first.message()["Message-ID"] == again.message()["Message-ID"]


def test_letters_to_different_people_have_different_names_and_one_thread_each():
    issue = reported()

    names = {name: tell(name, issue)[0].message() for name in (OFFICE, REPORTER)}
    receipt = tell(RECEIPT, issue, seq=1)[0].message()

    assert len({letter["Message-ID"] for letter in (*names.values(), receipt)}) == 3
    assert names[REPORTER]["References"] == receipt["References"] != names[OFFICE]["References"]


def test_a_status_that_is_overtaken_is_told_by_the_later_one():
    issue = reported()
    for step in (Step.RESPOND, Step.START):
        issue = make.take(issue, step)

    assert tell(REPORTER, issue, seq=3) == []
    assert len(tell(REPORTER, issue, seq=4)) == 1


@pytest.mark.parametrize("name", [RECEIPT, REPORTER])
def test_receipts_and_questions_are_never_overtaken(name):
    issue = reported()
    if name == REPORTER:
        issue = make.take(issue, Step.ASK)
    asked = issue.version if name == REPORTER else 1
    issue = make.take(issue, Step.ANSWER if name == REPORTER else Step.RESPOND)
    issue = make.take(issue, Step.START)

    assert len(tell(name, issue, seq=asked)) == 1


def test_a_department_that_no_longer_has_the_issue_is_not_told_of_it():
    issue = reported()
    other = make.department("DLHK")
    issue = make.take(issue, Step.REROUTE, department=other)

    assert tell(OFFICE, issue, seq=2) == []
    assert tell(OFFICE, issue, seq=3)[0].recipients() == ["dlhk@kota.example"]


def test_history_that_is_imported_reaches_nobodys_inbox():
    issue = reported(at=timezone.now() - notifications.TOO_LATE - timedelta(minutes=1))

    assert tell(RECEIPT, issue, seq=1) == []
    assert tell(OFFICE, issue) == []


def test_a_line_break_in_a_name_is_no_header():
    issue = reported()
    Category.objects.update(name="Lampu\r\nBcc: musuh@jahat.example")

    [letter] = tell(OFFICE, issue)

    assert letter.message()["Bcc"] is None
    assert "\n" not in letter.subject


def test_notes_are_sent_as_they_were_written():
    issue = make.take(reported(), Step.RESPOND, note='Tiang <3 & "kabel" diganti')

    [letter] = tell(REPORTER, issue)

    assert 'Tiang <3 & "kabel" diganti' in letter.body
