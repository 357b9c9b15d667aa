"""Somebody has the same problem: once a person, taken back as easily, photos as evidence."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues import actions
from issues.actions.support import person
from issues.errors import AlreadyClosed, TooManyPhotos, UnknownIssue
from issues.invariants import TRUTHS
from issues.models import Issue, Photo, PublicDetail, Subscription, Support
from issues.publication import publish
from issues.views.receipt import own_photos
from issues.workflow import Role, Step
from tests import make
from tests.issues.citizen import opened, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def me_too(client, issue, **fields):
    return client.post(
        f"/laporan/{issue.number}/dukung", fields, headers={"accept": "application/json"}
    )


def shown(issue):
    return PublicDetail.objects.get(pk=issue.pk).supports


def test_saying_it_twice_counts_once():
    issue, client = make.issue(), Client()

    first, second = me_too(client, issue).json(), me_too(client, issue).json()

    assert first == {"supports": 1, "already": False, "supported": True, "followed": False}
    assert second == {"supports": 1, "already": True, "supported": True, "followed": False}
    assert shown(issue) == 1


def test_two_people_count_twice_and_one_may_take_it_back():
    issue, one, other = make.issue(), Client(), Client()
    me_too(one, issue)
    me_too(other, issue)

    answer = me_too(one, issue, batal="1").json()

    assert answer == {"supports": 1, "already": True, "supported": False, "followed": False}
    assert shown(issue) == 1


def test_a_device_that_logs_in_later_stays_one_person(client):
    issue = make.issue()
    me_too(client, issue)
    client.force_login(make.user())

    assert me_too(client, issue).json()["supports"] == 1


def test_the_cookie_names_a_device_and_no_script_reads_it(client):
    me_too(client, make.issue())

    cookie = client.cookies["device"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["max-age"] == 400 * 24 * 3600


def test_a_forged_cookie_is_another_device(client):
    issue = make.issue()
    me_too(client, issue)
    client.cookies["device"] = "palsu:1abc:xyz"

    assert me_too(client, issue).status_code == 200
    assert Support.objects.count() == 2


def test_without_javascript_the_issue_comes_back_with_a_word_of_thanks(client):
    issue = make.issue()

    page = client.post(f"/laporan/{issue.number}/dukung", follow=True)

    assert page.redirect_chain == [(f"/laporan/{issue.number}", 302)]
    assert any("Terima kasih" in str(one) for one in page.context["messages"])


def test_no_answer_is_kept_by_a_cache(client):
    assert "no-store" in me_too(client, make.issue()).headers["Cache-Control"]


def test_another_site_cannot_say_it():
    issue = make.issue()

    assert me_too(Client(enforce_csrf_checks=True), issue).status_code == 403


def test_two_taps_at_once_are_named_after_the_same_form():
    issue, client = make.issue(), Client()
    client.cookies["csrf"] = "a" * 32
    me_too(client, issue)
    del client.cookies["device"]

    assert me_too(client, issue).json() == {
        "supports": 1,
        "already": True,
        "supported": True,
        "followed": False,
    }


def test_who_supports_and_has_a_proved_address_follows_too(client):
    issue, user = make.issue(), make.user()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.force_login(user)

    assert me_too(client, issue, follow="1").json()["followed"]
    followed = Subscription.objects.running().get()
    assert (followed.issue_id, followed.by_email) == (issue.pk, True)


def test_who_cannot_be_told_is_not_said_to_follow(client):
    answer = me_too(client, make.issue(), follow="1").json()

    assert (answer["supports"], answer["followed"]) == (1, False)
    assert not Subscription.objects.exists()


def test_to_support_alone_is_not_to_follow(client):
    user = make.user()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.force_login(user)

    assert not me_too(client, make.issue()).json()["followed"]
    assert not Subscription.objects.exists()


def test_who_follows_already_goes_on_as_they_chose(client):
    issue, user = make.issue(), make.user()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.force_login(user)
    me_too(client, issue, follow="1")
    Subscription.objects.update(frequency=Subscription.Frequency.WEEKLY)

    assert me_too(client, issue, follow="1").json()["followed"]
    assert Subscription.objects.get().frequency == Subscription.Frequency.WEEKLY


def test_whoever_reported_it_counts_already(client):
    user = make.user()
    issue = actions.submit(make.draft(user=user), city=make.city()).issue
    client.force_login(user)

    assert me_too(client, issue).json() == {
        "supports": 0,
        "already": True,
        "supported": True,
        "followed": False,
    }


@pytest.mark.parametrize("secretly", ["hidden", "held", "confidential"])
def test_what_is_not_public_cannot_be_supported(client, secretly):
    issue = make.issue()
    Issue.objects.filter(pk=issue.pk).update(**{secretly: True})
    publish(Issue.objects.get(pk=issue.pk))

    assert me_too(client, issue).status_code == 404
    with pytest.raises(UnknownIssue):
        actions.support(issue.pk, [person("device", "x")])


def test_what_is_closed_is_to_be_reported_anew(client):
    issue = make.issue(steps=[Step.RESOLVE])

    assert me_too(client, issue).status_code == 409
    with pytest.raises(AlreadyClosed):
        actions.support(issue.pk, [person("device", "x")])


def test_merging_adds_up_people_and_unmerging_restores_the_counts(client):
    original, duplicate, both = make.issue(), make.issue(), Client()
    me_too(both, original)
    me_too(both, duplicate)
    me_too(Client(), duplicate)
    me_too(Client(), original)

    merged = make.take(duplicate, Step.MERGE, original=original)
    assert shown(original) == 3

    make.take(merged, Step.UNMERGE)
    assert (shown(original), shown(duplicate)) == (2, 2)


def test_support_for_a_duplicate_goes_to_the_original(client):
    original, duplicate = make.issue(), make.issue()
    make.take(duplicate, Step.MERGE, original=original)

    answer = me_too(client, duplicate)

    assert answer.json()["supports"] == 1
    assert Support.objects.get().issue_id == original.pk


def test_a_hidden_duplicate_adds_nobody(client):
    original, duplicate = make.issue(), make.issue()
    me_too(client, duplicate)
    merged = make.take(duplicate, Step.MERGE, original=original)

    hidden = make.take(merged, Step.HIDE)
    assert shown(original) == 0

    make.take(hidden, Step.UNHIDE)
    assert shown(original) == 1


def test_the_public_counts_are_what_fsck_computes(client):
    original, duplicate = make.issue(), make.issue()
    me_too(client, duplicate)
    make.take(duplicate, Step.MERGE, original=original)

    assert not [one for truth in TRUTHS for one in truth.find(None)]


def test_supporting_costs_few_statements(client):
    issue = make.issue()
    me_too(client, issue)

    with CaptureQueriesContext(connection) as asked:
        me_too(Client(), issue)

    assert len(asked) <= 15


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_taps_counts_each_person_once():
    issue = make.issue()
    people = [person("device", number % 4) for number in range(24)]

    def tap(one):
        try:
            actions.support(issue.pk, [one])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(tap, people))

    assert (Support.objects.count(), shown(issue)) == (4, 4)


# Evidence ------------------------------------------------------------------------------------


def test_photos_of_others_are_evidence_that_waits_for_review(client):
    issue = make.issue()

    client.post(f"/laporan/{issue.number}/dukung", {"foto": upload()})

    photo = Photo.objects.get()
    assert (photo.kind, photo.state, photo.public) == ("evidence", "waiting", False)


def test_each_person_may_send_five(client):
    issue, someone = make.issue(), person("device", "x")
    for number in range(5):
        actions.attach(
            issue.pk,
            picture((number, 0, 0)),
            photo_id=make.uuid(number + 1),
            kind=Photo.Kind.EVIDENCE,
            person=someone,
        )

    with pytest.raises(TooManyPhotos):
        actions.attach(
            issue.pk, picture("blue"), photo_id=make.uuid(9), kind="evidence", person=someone
        )
    other = person("device", "y")
    assert actions.attach(
        issue.pk, picture("blue"), photo_id=make.uuid(9), kind="evidence", person=other
    )


def test_the_reporter_never_sees_unreviewed_evidence(client):
    issue = make.issue()
    photo = make.photo(issue, kind=Photo.Kind.EVIDENCE)
    assert not own_photos(issue).exists()

    Photo.objects.filter(pk=photo.pk).update(public=True)
    assert own_photos(issue).get() == photo


def test_staff_see_the_evidence_and_how_many_have_the_problem(client):
    issue = make.issue()
    me_too(Client(), issue)
    make.photo(issue, kind=Photo.Kind.EVIDENCE)
    client.force_login(make.user(Role.DISPATCHER))

    page = client.get(f"/kerja/laporan/{issue.number}")

    assert page.context["supports"] == 1
    assert len(page.context["before"]) == 1


def test_a_browser_that_logs_out_stays_one_person(client):
    issue = make.issue()
    client.force_login(make.user())
    me_too(client, issue)
    client.post("/akun/logout/")

    assert me_too(client, issue).json() | {"followed": False} == {
        "supports": 1,
        "already": True,
        "supported": True,
        "followed": False,
    }
    assert shown(issue) == 1


def test_two_accounts_of_one_browser_are_one_person_and_take_back_only_their_own(client):
    issue = make.issue()
    client.force_login(make.user())
    me_too(client, issue)
    client.post("/akun/logout/")
    client.force_login(make.user())

    assert me_too(client, issue).json()["supports"] == 1
    assert me_too(client, issue, batal="1").json()["supports"] == 1


def test_a_browser_counts_once_over_an_issue_and_its_duplicate(client):
    issue, twin = make.issue(), make.issue()
    me_too(client, twin)
    client.force_login(make.user())
    me_too(client, issue)

    actions.take(twin.pk, Step.MERGE, actor=make.user(Role.DISPATCHER), original=issue)

    assert shown(issue) == 1


def test_the_reporter_of_the_original_counts_already_on_the_page_of_its_duplicate(client):
    issue, twin = make.issue(), make.issue()
    actions.take(twin.pk, Step.MERGE, actor=make.user(Role.DISPATCHER), original=issue)
    opened(client, issue)

    assert me_too(client, twin).json() == {
        "supports": 0,
        "already": True,
        "supported": True,
        "followed": False,
    }
    assert not Support.objects.exists()
