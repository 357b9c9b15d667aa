from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Count, F, Max, Min
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata import routing
from geodata.crs import WGS84
from geodata.models import Asset, City, Edition, Jurisdiction, Level
from issues import demo, photos, reference
from issues.clock import Calendar
from issues.demo import pictures
from issues.demo.land import table
from issues.demo.office import Office
from issues.demo.reports import Author
from issues.invariants import TRUTHS
from issues.models import Event, Issue, Photo, PublicIssue, PublicPhoto, Reporter, User
from issues.workflow import CLOSED, OPEN, Status, Step

WITA = ZoneInfo("Asia/Makassar")
COUNT = 50
NOW = datetime(2026, 6, 10, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def a_demo(django_db_setup, django_db_blocker):
    """One small demo for the whole module, undone at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        # Tests that kill workers leave committed jobs behind.
        ProcrastinateJob.objects.all().delete()
        city = reference.load(reference.read("denpasar")).city
        demo.lay(city)
        year = demo.write(city, demo.settle(city), count=COUNT, seed=7, now=NOW, pictured=3)
        list(demo.live(year))
        demo.open_doors(city)
        yield city
        transaction.set_rollback(True)


def levels(level):
    return list(Jurisdiction.objects.filter(level=level).order_by("code"))


# Office hours


@pytest.fixture
def office():
    hours = {day: (time(8), time(16)) for day in range(5)}
    return Office(Calendar(zone=WITA, hours=hours, holidays={date(2026, 3, 19): "Nyepi"}))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-16T09:00", 2, "2026-03-16T11:00"),
        ("2026-03-16T20:00", 0, "2026-03-17T08:00"),
        ("2026-03-13T15:00", 2, "2026-03-16T09:00"),
        ("2026-03-18T15:30", 1, "2026-03-20T08:30"),
        ("2026-03-16T08:00", 16, "2026-03-18T08:00"),
    ],
)
def test_work_goes_on_in_office_hours_only(office, start, hours, end):
    begin, expected = (datetime.fromisoformat(f"{text}+08:00") for text in (start, end))
    assert office.after(begin, hours) == expected


# Pictures


@pytest.mark.parametrize("code", ["lpju-mati", "jalan-rusak", "sampah-liar", "pdam-bocor"])
def test_a_picture_shows_another_street_before_and_after(code):
    at = datetime(2026, 3, 16, 20, tzinfo=WITA)
    shots = [
        pictures.draw(code, 5, fixed=fixed, at=at, place=(115.2, -8.66)) for fixed in (False, True)
    ]
    assert shots[0] != shots[1]
    assert all(photos.accept(shot).content_type == "image/jpeg" for shot in shots)


def test_a_picture_carries_time_and_place_of_its_camera():
    at = datetime(2026, 3, 16, 20, tzinfo=WITA)
    shot = pictures.draw("pohon-tumbang", 5, fixed=True, at=at, place=(115.25, -8.5))
    notes = Image.open(BytesIO(shot)).getexif()
    assert notes.get_ifd(0x8769)[0x9003] == "2026:03:16 20:00:00"
    assert notes.get_ifd(0x8825)[2] == (8, 30, 0)


# Words


@pytest.fixture(scope="module")
def denpasar():
    return City(slug="denpasar")


def test_every_kind_that_can_be_drawn_has_words_and_a_category(denpasar):
    kinds = table(denpasar, "year")["kinds"].keys()
    leaves = {row["service_code"] for row in reference.read("denpasar").leaves()}
    assert kinds == table(denpasar, "words")["texts"].keys()
    assert kinds <= leaves


def test_departments_that_stand_in_exist(denpasar):
    year = table(denpasar, "year")
    known = {row["code"] for row in reference.read("denpasar").departments}
    named = {*year["instead"].keys(), *year["instead"].values(), *year["anywhere"]}
    assert named <= known


# Ground


def test_villages_tile_the_city(a_demo, db):
    villages, whole = levels(Level.VILLAGE), levels(Level.CITY)[0]
    assert len(villages) == 43
    assert not any(a.area.relate_pattern(b.area, "2********") for a, b in combinations(villages, 2))
    assert sum(village.area.area for village in villages) == pytest.approx(whole.area.area)
    assert [len(polygon) for polygon in whole.area] == [1]


def test_districts_are_made_of_whole_villages(a_demo, db):
    districts = levels(Level.DISTRICT)
    assert len(districts) == 4
    for district in districts:
        inside = [area.area for area in levels(Level.VILLAGE) if area.parent_code == district.code]
        assert sum(area.area for area in inside) == pytest.approx(district.area.area)
        assert all(district.area.covers(area) for area in inside)


def test_a_village_holds_its_own_centre(a_demo, db):
    villages = {area.code: area.area for area in levels(Level.VILLAGE)}
    for row in table(a_demo, "areas")["village"]:
        assert villages[row["code"]].contains(Point(*row["center"], srid=WGS84)), row["name"]


def test_neighbours_begin_where_the_city_ends(a_demo, db):
    whole = levels(Level.CITY)[0].area
    for neighbour in levels(Level.NEIGHBOUR):
        assert neighbour.area.intersection(whole).area == pytest.approx(0, abs=1e-12)
        assert neighbour.area.touches(whole) or neighbour.area.distance(whole) < 1e-9


def test_every_edition_says_that_it_is_approximate(a_demo, db):
    editions = Edition.objects.filter(city=a_demo)
    assert editions.count() == 7
    assert all(edition.approximate and "demo" in edition.source for edition in editions)


def test_streets_and_lamps_lie_in_the_city(a_demo, db):
    whole = levels(Level.CITY)[0].area
    assert Asset.objects.filter(layer="road").count() > 40
    assert Asset.objects.filter(layer="lamp").count() > 1400
    assert not Asset.objects.filter(layer="lamp").exclude(geom__coveredby=whole).exists()
    assert Asset.objects.get(layer="lamp", code="DPS-LPJU-00123").name


def test_a_road_that_changed_hands_is_the_nations_before_and_the_citys_after(a_demo, db):
    there = Point(115.1895, -8.6367, srid=WGS84)
    before, after = (datetime(year, 6, 1, tzinfo=UTC) for year in (2023, 2025))
    chosen = [
        routing.route(there, "jalan-rusak", city=a_demo, at=at).chosen.department_code
        for at in (before, after)
    ]
    assert chosen == ["BBPJN_BALI", "DPUPR"]


@pytest.mark.parametrize(
    ("place", "code", "department"),
    [
        ((115.2135, -8.6555), "lpju-mati", "DISHUB"),
        ((115.2542, -8.6575), "lpju-mati", "BPTD"),
        ((115.2085, -8.6520), "jalan-rusak", "PUPRKIM_BALI"),
        ((115.2090, -8.7420), "jalan-rusak", "PELINDO_BENOA"),
        ((115.2420, -8.7280), "sampah-liar", "BTID"),
        ((115.2335, -8.6720), "pohon-pangkas", "UPT_MPRB"),
        ((115.2335, -8.6720), "pohon-tumbang", "BPBD"),
        ((115.2210, -8.7220), "sampah-tumpuk", "DKLH_BALI"),
        ((115.2300, -8.6500), "pdam-bocor", "PERUMDA_TS"),
        ((115.2542, -8.6575), "jalan-gang", "DISPERKIM"),
    ],
)
def test_the_ground_and_the_rules_give_the_known_answers(a_demo, db, place, code, department):
    route = routing.route(Point(place, srid=WGS84), code, city=a_demo)
    assert route.chosen.department_code == department


def test_laying_the_ground_twice_writes_nothing(a_demo, db):
    assert demo.lay(a_demo) == {}


# The year


def test_the_data_hold_every_truth(a_demo, db):
    found = [str(one) for truth in TRUTHS if truth.name != "files" for one in truth.find(a_demo)]
    assert found == []


def test_there_are_as_many_issues_as_asked_for_within_one_year(a_demo, db):
    span = Issue.objects.aggregate(
        count=Count("pk"), first=Min("received_at"), last=Max("received_at")
    )
    assert span["count"] == COUNT
    assert NOW - timedelta(days=366) < span["first"]
    assert span["last"] <= NOW


def test_numbers_follow_the_order_of_arrival(a_demo, db):
    rows = Issue.objects.order_by("received_at").values_list("number", flat=True)
    assert list(rows) == sorted(rows)


def test_most_issues_of_a_year_are_finished_and_some_are_not(a_demo, db):
    closed = Issue.objects.filter(status__in=CLOSED).count()
    assert COUNT * 0.7 < closed < COUNT


def test_nothing_happens_after_the_present_or_before_the_report(a_demo, db):
    assert not Event.objects.filter(at__gt=NOW).exists()
    assert not Event.objects.filter(at__lt=F("issue__received_at")).exists()


def test_staff_work_in_office_hours(a_demo, db):
    for event in Event.objects.filter(actor__isnull=False).exclude(step=Step.ATTACH):
        local = event.at.astimezone(WITA)
        assert local.weekday() < 5
        assert 7.5 <= local.hour + local.minute / 60 < 16.6


def test_nobody_is_named(a_demo, db):
    blank = Reporter.objects.filter(name="", email="", phone="", user=None)
    assert blank.count() == COUNT


def test_photos_went_through_the_locked_room(a_demo, db):
    shots = Photo.objects.all()
    assert len(shots) >= 3
    assert {shot.state for shot in shots} == {Photo.State.CLEAN}
    assert {shot.kind for shot in shots} == {"before", "after"}
    assert PublicPhoto.objects.exists()


def test_no_letter_of_the_past_is_sent(a_demo, db):
    jobs = ProcrastinateJob.objects.exclude(queue_name="calendar")
    assert {job.status for job in jobs} == {"cancelled"}


def test_confidential_issues_are_not_public(a_demo, db):
    assert not PublicIssue.objects.filter(issue__confidential=True).exists()


def test_open_issues_beyond_their_date_are_marked(a_demo, db):
    late = Issue.objects.filter(status__in=OPEN, due_at__lt=NOW)
    assert {issue.marked_overdue for issue in late} <= {True}


def test_duplicates_point_to_an_original_of_the_same_kind(a_demo, db):
    for issue in Issue.objects.filter(status=Status.DUPLICATE):
        assert issue.merged_into.category_id == issue.category_id


def test_people_can_log_in_with_the_stated_password(a_demo, db):
    people = demo.logins(a_demo)
    assert {login.email.partition("@")[0] for login in people} == {
        *("dispatcher", "leader", "administrator"),
        *("liaison.dishub", "crew.dishub", "liaison.dpupr", "crew.dpupr"),
        *("liaison.perumda.ts", "crew.perumda.ts", "liaison.dlhk", "crew.dlhk"),
    }
    dispatcher = User.objects.get(email="dispatcher@denpasar.example")
    assert check_password(demo.PASSWORD, dispatcher.password)
    assert EmailAddress.objects.get(user=dispatcher).verified


def test_others_who_appear_cannot_log_in(a_demo, db):
    partners = User.objects.get(email="partners@denpasar.example")
    assert not partners.has_usable_password()


def test_the_same_seed_gives_the_same_year(a_demo, db):
    first, again, other = (
        Author(a_demo, Random(number), now=NOW).write(30)  # noqa: S311  no secrets
        for number in (7, 7, 8)
    )
    assert first == again
    assert first != other
