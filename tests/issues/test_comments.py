"""Comments on public pages: read by the city first, then by everybody; their authors' own."""

from uuid import uuid4

import pytest
from django.test import Client

from issues import actions
from issues.actions.support import person
from issues.errors import NotPermitted, UnknownIssue
from issues.models import Comment, Issue
from issues.views import comments
from issues.workflow import Role, Step
from tests import make
from tests.issues.citizen import text
from tests.payer import pay

pytestmark = pytest.mark.django_db
WORDS = "Sudah dua minggu gelap di sini."


@pytest.fixture(autouse=True)
def _world():
    make.world()


@pytest.fixture
def issue():
    return make.issue()


def say(client, issue, words=WORDS, **fields):
    values = {"uuid": str(uuid4()), "text": words} | fields
    return client.post(f"/laporan/{issue.number}/komentar", values)


def page(client, issue):
    return text(client.get(f"/laporan/{issue.number}"))


def dispatcher():
    client = Client()
    client.force_login(make.user(Role.DISPATCHER))
    return client


def judge(putusan, *chosen, **fields):
    return dispatcher().post(
        "/kerja/komentar",
        {"putusan": putusan, "pilih": [str(one.uuid) for one in chosen], **fields},
    )


def test_nobody_but_the_city_reads_a_comment_before_it_is_shown(client, issue):
    assert say(client, issue).status_code == 302

    assert WORDS not in page(Client(), issue)
    assert WORDS not in page(client, issue)
    assert WORDS in text(dispatcher().get("/kerja/komentar"))


def test_what_is_shown_stands_on_the_page_with_its_pseudonym_and_count(client, issue):
    say(client, issue, name="Warga Sanur")
    say(client, issue, "Yang kedua masih menunggu.")

    judge("tampil", Comment.objects.earliest("at"))

    seen = page(Client(), issue)
    assert WORDS in seen
    assert "Warga Sanur" in seen
    assert "Yang kedua" not in seen
    assert Client().get(f"/laporan/{issue.number}").context["comments"].__len__() == 1


def test_one_is_judged_by_its_own_button_and_the_ticked_ones_are_left(client, issue):
    say(client, issue)
    say(client, issue, "Yang kedua.")
    first, second = Comment.objects.order_by("at")

    judge(f"tolak:{first.uuid}", second)

    states = dict(Comment.objects.values_list("uuid", "state"))
    assert states == {first.uuid: "refused", second.uuid: "waiting"}
    assert WORDS not in page(Client(), issue)


def test_many_are_judged_at_once(client, issue):
    for number in range(3):
        say(client, issue, f"Komentar {number}")

    judge("tampil", *Comment.objects.all())

    assert Comment.objects.shown().count() == 3


def test_personal_data_are_marked_for_the_reviewer_and_masked_for_all(client, issue):
    say(client, issue, "Hubungi 081234567890 saja.")

    assert "<mark>081234567890</mark>" in text(dispatcher().get("/kerja/komentar"))
    judge("tampil", Comment.objects.get(), samarkan="on")

    assert "Hubungi ●●● saja." in page(Client(), issue)


def test_a_hidden_issue_hides_its_comments(client, issue):
    say(client, issue)
    judge("tampil", Comment.objects.get())

    make.take(issue, Step.HIDE)

    assert Client().get(f"/laporan/{issue.number}").status_code == 404
    assert not Comment.objects.shown().exists()


@pytest.mark.parametrize("field", ["hidden", "held", "confidential"])
def test_nothing_is_said_about_what_the_public_does_not_see(issue, field):
    Issue.objects.filter(pk=issue.pk).update(**{field: True})
    remark = actions.Remark(uuid4(), WORDS, "", person("device", "x"), None, paid=True)

    with pytest.raises(UnknownIssue):
        actions.comment(issue.pk, remark)


def test_its_author_removes_it_and_nobody_else(client, issue):
    say(client, issue)
    judge("tampil", Comment.objects.get())
    door = f"/laporan/{issue.number}/komentar/{Comment.objects.get().uuid}/hapus"

    Client().post(door)
    assert Comment.objects.exists()
    assert "Hapus komentar saya" not in page(Client(), issue)
    assert "Hapus komentar saya" in page(client, issue)

    client.post(door)
    assert not Comment.objects.exists()


def test_the_same_one_sent_twice_is_one(client, issue):
    uuid = str(uuid4())

    say(client, issue, uuid=uuid)
    say(client, issue, uuid=uuid)

    assert Comment.objects.count() == 1


def test_whoever_worked_for_it_is_read_first(client, issue):
    say(client, issue, "Tanpa kerja.")
    uuid = str(uuid4())
    say(client, issue, "Dengan kerja.", uuid=uuid, proof=pay(client, uuid))

    assert [one.text for one in Comment.objects.waiting()] == ["Dengan kerja.", "Tanpa kerja."]
    assert "tanpa bukti kerja" in text(dispatcher().get("/kerja/komentar"))


def test_a_robot_that_fills_every_field_is_thanked_for_nothing(client, issue):
    assert say(client, issue, website="https://x.example").status_code == 302
    assert not Comment.objects.exists()


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "x" * 1001}, {"uuid": "x"}])
def test_what_cannot_be_taken_comes_back_with_its_words(client, issue, wrong):
    answer = say(
        client, issue, **({"words": wrong.pop("text")} if "text" in wrong else {}), **wrong
    )

    assert answer.status_code == 422
    assert not Comment.objects.exists()


def test_a_line_says_so_much_an_hour_and_less_without_work(issue, monkeypatch):
    monkeypatch.setattr(comments, "UNPAID_PER_LINE", 2)

    for _each in range(4):
        say(Client(), issue)

    assert Comment.objects.count() == 2


def test_one_person_says_so_much_an_hour(client, issue, monkeypatch):
    monkeypatch.setattr(comments, "PER_PERSON", 2)
    client.force_login(make.user())

    for _each in range(4):
        say(client, issue)

    assert Comment.objects.count() == 2


def test_only_a_dispatcher_of_the_city_judges(client, issue):
    say(client, issue)
    someone = make.user(Role.LEADER)

    with pytest.raises(NotPermitted):
        actions.judge_comments(
            [Comment.objects.get().uuid], city=make.city(), actor=someone, shown=True
        )


def test_a_feed_knows_no_comments(client, issue):
    say(client, issue)
    judge("tampil", Comment.objects.get())

    assert WORDS not in text(client.get(f"/laporan/{issue.number}.rss"))


def test_an_account_that_ends_takes_its_name_from_what_it_said(client, issue):
    user = make.user()
    client.force_login(user)
    say(client, issue, name="Ni Wayan")

    actions.forget(user, contacts=False)

    assert Comment.objects.values_list("user", "name").get() == (None, "")
