"""Problems near the pin that may be the same, and "saya juga", once a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issues import actions, duplicates
from issues.actions.support import person
from issues.errors import AlreadyClosed, TooManyPhotos, UnknownIssue
from issues.invariants import TRUTHS
from issues.models import Category, Issue, Photo, PublicDetail, PublicIssue, Subscription, Support
from issues.publication import publish
from issues.views.report import own_photos
from issues.workflow import Role, Step
from tests import make
from tests.issues.citizen import picture, upload

pytestmark = pytest.mark.django_db
LON, LAT = make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2
METRE = 1 / 111_320


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def reviewed(issue, text):
    subject = Issue.objects.get(pk=issue.pk)
    return actions.review(
        subject.pk,
        actor=make.user(Role.DISPATCHER),
        version=subject.version,
        public_text=text,
        released=(),
    )


def nearby(client, **fields):
    body = {"lat": LAT, "lon": LON, "service_code": "lpju-mati", "text": "lampu mati"} | fields
    return client.post("/api/nearby", body, content_type="application/json")


def family():
    """Make the lamp's kinds relations of one *jenis*."""
    parent = make.category("lpju")
    Category.objects.filter(service_code="lpju-mati").update(parent=parent)
    return make.category("lpju-tiang", parent=parent)


# Near the pin --------------------------------------------------------------------------------


def test_an_open_report_near_the_pin_is_shown_with_all_that_helps_to_know_it_again(client):
    there = make.issue(lat=LAT + 30 * METRE)
    shown = reviewed(there, "Lampu jalan mati di depan warung.")

    (found,) = nearby(client).json()

    assert found["number"] == shown.number
    assert found["distance_m"] == pytest.approx(30, abs=2)
    assert (found["layer"], found["age_days"], found["supports"]) == ("belum", 0, 0)
    assert found["url"] == f"/laporan/{shown.number}"


def test_at_most_three_are_shown_and_the_likeliest_first(client):
    for metres in (60, 10, 40, 80):
        make.issue(lat=LAT + metres * METRE)

    found = nearby(client).json()

    assert [one["distance_m"] for one in found] == pytest.approx([10, 40, 60], abs=2)


def test_the_same_words_outweigh_some_metres(client):
    reviewed(make.issue(lat=LAT + 10 * METRE), "Tiang berkarat perlu dicat ulang.")
    alike = reviewed(make.issue(lat=LAT + 30 * METRE), "Lampu mati, gelap sekali depan balai.")

    found = nearby(client, text="lampunya mati gelap depan balai").json()

    assert found[0]["number"] == alike.number


def test_a_related_kind_is_shown_and_another_is_not(client):
    family()
    related = make.issue(service_code="lpju-tiang")
    make.category("sampah")
    make.issue(service_code="sampah")

    assert [one["number"] for one in nearby(client).json()] == [related.number]


@pytest.mark.parametrize("steps", [[Step.REJECT], [Step.WITHDRAW], [Step.RESOLVE]])
def test_what_is_closed_is_no_duplicate_to_be(client, steps):
    if Step.REJECT in steps:
        Category.objects.update(fast_lane=False)
    make.issue(steps=steps)

    assert nearby(client).json() == []


def test_beyond_the_radius_of_the_kind_nothing_is_the_same(client):
    make.issue(lat=LAT + 120 * METRE)
    assert nearby(client).json() == []

    Category.objects.update(duplicate_radius_m=150)
    assert len(nearby(client).json()) == 1


def test_of_a_private_place_only_the_public_spot_counts(client):
    Category.objects.update(exact_place=False, duplicate_radius_m=400)
    issue = make.issue()
    spot = PublicIssue.objects.get(pk=issue.pk).point

    (found,) = nearby(client, lat=spot.y, lon=spot.x).json()

    assert found["distance_m"] == 0


def hidden():
    make.take(make.issue(lat=LAT + 5 * METRE), Step.HIDE)


def held():
    make.issue(lat=LAT + 5 * METRE, held=True)


def confidential():
    make.issue(lat=LAT + 5 * METRE, confidential=True)


@pytest.mark.parametrize("secretly", [hidden, held, confidential])
def test_what_is_not_public_changes_no_byte_of_the_answer(client, secretly):
    reviewed(make.issue(lat=LAT + 20 * METRE), "Lampu mati")
    without = nearby(client).content
    secretly()

    assert nearby(client).content == without


def test_a_confidential_kind_is_compared_with_nothing(client):
    make.issue()
    Category.objects.update(confidential=True)

    assert nearby(client).json() == []


def test_the_answer_costs_few_statements(client):
    for _each in range(4):
        make.issue()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        nearby(client)

    assert len(asked) <= 7


@pytest.mark.parametrize(
    "wrong", [{"lat": 91}, {"lon": "x"}, {"lat": "NaN"}, {"service_code": ""}, {"text": "x" * 4001}]
)
def test_a_question_that_cannot_be_read_is_a_fault(client, wrong):
    assert nearby(client, **wrong).status_code == 400


def test_an_unknown_kind_is_a_fault(client):
    assert nearby(client, service_code="tidak-ada").status_code == 422


def test_the_nearest_are_found_by_the_index_of_the_open_ones():
    issue = make.issue()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plans = []

    def explain(execute, statement, params, many, context):
        if "issues_publicissue AS row" in statement:
            execute(f"EXPLAIN {statement}", params, many, context)
            plans.append("\n".join(line for (line,) in context["cursor"].fetchall()))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(explain):
        duplicates.near(issue.point, issue.category, "")

    assert "public_issue_open_near" in plans[0]
    assert "Order By: (point <->" in plans[0]


# "Saya juga" ---------------------------------------------------------------------------------


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

    assert len(asked) <= 14


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


def test_an_old_report_is_less_likely_than_a_new_one(client):
    old = make.issue(at=timezone.now() - timedelta(days=90), lat=LAT + 20 * METRE)
    new = make.issue(lat=LAT + 20 * METRE)

    found = [one["number"] for one in nearby(client).json()]

    assert found == [new.number, old.number]
