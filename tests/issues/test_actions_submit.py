"""A report becomes an issue: routed, clocked, recorded and acknowledged, or nothing at all."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, transaction
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata.errors import BadCoordinate, OutsideCoverage
from geodata.models import Jurisdiction, Level
from issues import actions
from issues.actions.submit import next_number
from issues.errors import DifferentSubmission, UnknownCategory
from issues.models import Issue, Reporter, Series
from issues.workflow import Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 10, 3, tzinfo=UTC)


@pytest.fixture
def city():
    return make.world()


def test_physical_infrastructure_goes_to_its_department_at_once(city):
    issue = actions.submit(make.draft(), city=city, at=AT).issue

    submitted, assigned = issue.events.all()
    assert (issue.status, issue.department.code) == (Status.ASSIGNED, "DISHUB")
    assert (submitted.status, submitted.role) == (Status.SUBMITTED, Role.REPORTER)
    assert (assigned.step, assigned.role) == (Step.ASSIGN, Role.SYSTEM)
    assert assigned.data == {"to": "DISHUB", "rule": "lampu"}
    assert issue.version == 2


def test_another_kind_waits_for_triage_with_its_decision(city):
    make.rule("layanan", to="DISDUK", service_code="layanan")

    issue = actions.submit(make.draft(service_code="layanan-lambat"), city=city).issue

    assert (issue.status, issue.department) == (Status.SUBMITTED, None)
    assert issue.decisions.get().department.code == "DISDUK"


def test_nobody_responsible_is_triage_with_the_reason(city):
    make.category("hutan-terbakar")

    receipt = actions.submit(make.draft(service_code="hutan-terbakar"), city=city)

    assert receipt.issue.status == Status.SUBMITTED
    assert receipt.decision.department is None
    assert "tim verifikasi" in receipt.decision.reason


def test_the_decision_keeps_rule_edition_and_trace_in_the_citys_language(city):
    make.rule("malam", to="PUPR", service_code="lpju", facts={"malam": True})

    with override("en"):
        decision = actions.submit(make.draft(), city=city).decision

    assert decision.rule.code == "lampu"
    assert decision.edition.layer == "village"
    assert decision.jurisdiction.code == "1.2"
    assert [entry["rule"] for entry in decision.trace] == ["lampu", "malam"]
    assert decision.trace[1]["why_not"] == "jawaban tidak sesuai syarat"


def test_an_area_serves_instead_of_a_point(city):
    issue = actions.submit(make.draft(area_code="2.1"), city=city).issue

    assert (issue.point, issue.jurisdiction.code) == (None, "2.1")
    assert issue.public.point is None
    assert issue.department.code == "DISHUB"


def test_a_neighbour_is_no_area_of_the_city(city):
    make.area("gianyar", level=Level.NEIGHBOUR, shape=make.square(west=116))

    with pytest.raises(UnknownCategory):
        actions.submit(make.draft(area_code="gianyar"), city=city)


def test_outside_the_city_nothing_is_kept(city):
    with pytest.raises(OutsideCoverage) as refusal:
        actions.submit(make.draft(lon=115.3, lat=-8.65), city=city)

    assert refusal.value.distance_m == pytest.approx(8_800, rel=0.01)
    assert not Issue.objects.exists()
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("lon", "lat"), [(float("nan"), 0), (0, float("inf")), (1e200, 1), (181, 0), (0, -90.1)]
)
def test_what_is_no_place_on_earth_is_refused_before_a_geometry_is_made(city, lon, lat):
    with pytest.raises(BadCoordinate):
        actions.submit(make.draft(lon=lon, lat=lat), city=city)


@pytest.mark.parametrize("code", ["tidak-ada", "lama", "", "lpju-mati "])
def test_only_active_leaves_can_be_reported(city, code):
    make.category("lama", active=False)

    with pytest.raises(UnknownCategory):
        actions.submit(make.draft(service_code=code), city=city)


def test_a_group_cannot_be_reported(city):
    make.category("jalan-rusak", parent=make.category("jalan"))

    with pytest.raises(UnknownCategory):
        actions.submit(make.draft(service_code="jalan"), city=city)


def test_names_longer_than_a_column_are_cut_not_refused(city):
    long = make.department("PANJANG", name="Dinas " + "a" * 150)
    make.rule("panjang", to=long, service_code="lpju-mati", explanation="b" * 200, priority=9)
    Jurisdiction.objects.filter(level=Level.VILLAGE).update(name="c" * 120)
    make.road([(115.205, -8.65), (115.215, -8.65)], name="d" * 160)

    issue = actions.submit(make.draft(), city=city).issue

    assert len(issue.decisions.get().reason) == 400
    assert len(issue.place) <= 300


def test_the_reporter_is_kept_apart_and_only_as_far_as_given(city):
    quiet = actions.submit(make.draft(), city=city).issue
    named = actions.submit(
        make.draft(name="Wayan", email="w@example.com", consent=True), city=city, at=AT
    ).issue

    assert Reporter.objects.get(pk=quiet.pk).consented_at is None
    assert Reporter.objects.get(pk=named.pk).consented_at == AT
    assert "Wayan" not in str(Issue.objects.filter(pk=named.pk).values())


def test_receipt_office_and_reporter_are_put_into_the_outbox(city, queue):
    issue = actions.submit(make.draft(), city=city).issue

    first, second = issue.events.values_list("pk", flat=True)
    told = {(job.task_name, next(iter(job.args.values()))) for job in queue()}
    assert told == {
        ("compare", issue.pk),
        ("receipt", first), ("tell_office", first), ("tell_office", second),
        ("tell_reporter", second), ("tell_followers", first), ("tell_followers", second),
    }  # fmt: skip
    assert not any("Lampu" in str(job.args) for job in ProcrastinateJob.objects.all())


# The same again ------------------------------------------------------------------------------


def test_the_same_draft_again_gets_the_first_receipt(city):
    draft = make.draft()

    first, again = (actions.submit(draft, city=city) for _ in range(2))

    assert (first.created, again.created) == (True, False)
    assert (again.issue, again.token) == (first.issue, first.token)
    assert again.decision == first.decision
    assert first.issue.events.count() == 2


def test_the_language_of_the_page_is_no_other_body(city):
    draft = make.draft(uuid=make.uuid(1))
    actions.submit(draft, city=city)

    assert not actions.submit(make.draft(uuid=make.uuid(1), language="en"), city=city).created


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Sesuatu yang lain."}, {"lon": make.LON + 0.001}, {"confidential": True},
        {"anonymous": True}, {"email": "lain@example.com"}, {"answers": {"a": 1}},
        {"address": "lain"}, {"service_code": "layanan-lambat"},
    ],
)  # fmt: skip
def test_another_body_under_the_same_key_is_refused(city, change):
    actions.submit(make.draft(uuid=make.uuid(1)), city=city)

    with pytest.raises(DifferentSubmission):
        actions.submit(make.draft(uuid=make.uuid(1), **change), city=city)


@pytest.mark.parametrize("change", [{"channel": "api"}, {"user": None}])
def test_the_same_words_by_another_door_or_after_logging_out_get_the_first_receipt(city, change):
    sent = {"uuid": make.uuid(1), "channel": "web", "user": make.user()}
    first = actions.submit(make.draft(**sent), city=city)

    again = actions.submit(make.draft(**(sent | change)), city=city)

    assert (again.created, again.token) == (False, first.token)


def test_one_key_may_serve_in_two_cities(city):
    batu = make.city(slug="batu", prefix="KBT")
    make.villages(of=batu)
    make.category("lpju-mati", city=batu)
    draft = make.draft()

    receipts = [actions.submit(draft, city=one) for one in (city, batu)]

    assert all(receipt.created for receipt in receipts)
    assert len({receipt.token for receipt in receipts}) == 2


# Numbers -------------------------------------------------------------------------------------


def test_numbers_count_up_through_the_citys_year(city):
    old_year = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
    new_year = datetime(2025, 12, 31, 16, 1, tzinfo=UTC)

    numbers = [next_number(city, at) for at in (old_year, old_year, new_year)]

    assert numbers == ["DPS-25-000001", "DPS-25-000002", "DPS-26-000001"]


def test_what_fails_gives_its_number_back(city):
    with pytest.raises(DataError), transaction.atomic():
        actions.submit(make.draft(name="x" * 200, consent=True), city=city, at=AT)

    assert actions.submit(make.draft(), city=city, at=AT).issue.number == "DPS-26-000001"
