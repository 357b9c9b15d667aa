from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from issues import actions
from issues.forms.review import MASK
from issues.models import Category, Issue, Photo, PublicDetail, PublicPhoto
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

WORDS = "Lampu mati. Hubungi Pak Ketut Suarjana 0812-3456-7890 ya."


@pytest.fixture
def desk(client):
    """A dispatcher at the desk."""
    make.world()
    return office.dispatcher(client)


def queue(client, name):
    return office.numbers(client.get(f"{reverse('triage')}?queue={name}"))


def send(client, issue, step, **fields):
    data = {"step": step, "version": issue.version, "photo_id": uuid4(), **fields}
    return client.post(reverse("step", args=[issue.number]), data)


def unrouted(**fields):
    """An issue of a kind for which no rule speaks."""
    return make.issue(service_code="layanan-lambat", **fields)


def proposed():
    """An issue that waits for verification with a proposed department."""
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan")
    return unrouted()


@pytest.mark.parametrize("role", [Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR])
def test_triage_is_the_dispatchers(client, role):
    issue = make.issue()
    photo = office.photo(issue)
    department = make.department() if role in {Role.LIAISON, Role.CREW} else None
    office.enter(client, make.user(role, department=department))

    addresses = [
        reverse("triage"),
        reverse("review", args=[issue.number]),
        reverse("duplicates", args=[issue.number]),
        reverse("redact", args=[photo.pk]),
    ]

    assert [client.get(address).status_code for address in addresses] == [404] * 4


def test_each_issue_stands_in_the_queue_of_its_reason(desk):
    straight = make.issue()
    refused = make.issue(steps=[Step.REFUSE])
    nobody = unrouted()
    new = proposed()

    assert queue(desk, "baru") == [new.number]
    assert queue(desk, "ditolak") == [refused.number]
    assert queue(desk, "tanpa-rute") == [nobody.number]
    assert queue(desk, "jalur-cepat") == [straight.number]
    assert len(queue(desk, "tinjau")) == 4


def test_a_question_leaves_no_issue_without_a_queue(desk):
    issue = unrouted()

    send(desk, issue, Step.ASK, note="Di sebelah mana?")
    asked = queue(desk, "menunggu-pelapor")
    make.take(issue, Step.ANSWER, note="Di depan pasar.")

    assert asked == [issue.number]
    assert queue(desk, "menunggu-pelapor") == []
    assert queue(desk, "tanpa-rute") == [issue.number]


def test_a_question_of_a_department_stays_on_its_board(desk):
    issue = make.issue(steps=[Step.ASK])

    assert queue(desk, "menunggu-pelapor") == []
    assert issue.number in office.numbers(desk.get(reverse("board")))


def test_the_desk_counts_those_who_wait_for_the_reporter(desk):
    send(desk, unrouted(), Step.ASK, note="Di sebelah mana?")

    [card] = desk.get(reverse("desk")).context["cards"]

    counts = {tally.label: tally.count for tally in card.tallies}
    assert counts["menunggu pelapor, tanpa dinas"] == 1


def test_the_numbers_of_the_queues_are_those_of_their_lists(desk):
    make.issue()
    make.issue(steps=[Step.REFUSE])
    unrouted(confidential=True)

    queues = desk.get(reverse("triage")).context["queues"]

    assert {one["name"]: one["count"] for one in queues} == {
        one["name"]: len(queue(desk, one["name"])) for one in queues
    }


def test_a_queue_tells_why_an_issue_is_in_it(desk):
    issue = make.issue()
    someone = make.user(Role.LIAISON, department=issue.department)
    actions.take(issue.pk, Step.REFUSE, actor=someone, note="Tiang milik PLN.")

    page = office.words(desk.get(f"{reverse('triage')}?queue=ditolak"))

    assert "Ditolak: Tiang milik PLN." in page
    assert "Usulan rute: Ditangani Dinas Dishub: lampu jalan di jalan kota" in page
    assert "ditolak 1×" in page


def test_the_oldest_waits_first(desk):
    newer = unrouted()
    older = unrouted(at=newer.received_at - make.days(2))

    assert queue(desk, "tanpa-rute") == [older.number, newer.number]


def test_what_the_dispatcher_has_touched_leaves_the_fast_lane(desk):
    issue = make.issue()

    send(desk, issue, Step.NOTE, note="Dilihat.")

    assert queue(desk, "jalur-cepat") == []


def test_a_new_issue_is_verified_and_sent_to_the_proposed_department(desk):
    issue = proposed()
    send(desk, issue, Step.VERIFY)
    issue = office.fresh(issue)

    context = desk.get(reverse("case", args=[issue.number])).context
    [form] = [
        form for group in context["groups"] for form in group.forms if form.step is Step.ASSIGN
    ]
    label, [(first, name)] = form.fields["department"].choices[1]
    send(desk, issue, Step.ASSIGN, department=first)

    assert (label, name) == ("Usulan rute", "Dinas Diskominfo")
    assert office.fresh(issue).status == Status.ASSIGNED
    assert office.fresh(issue).department.code == "DISKOMINFO"


def test_routing_is_told_in_full(desk):
    make.road([(make.LON, make.LAT), (make.LON + 0.02, make.LAT + 0.02)], name="Jalan Kamboja")
    make.rule(
        "negara",
        to="BPTD",
        service_code="lpju",
        road_class="national",
        explanation="jalan nasional",
    )
    issue = make.issue()

    page = office.words(desk.get(reverse("case", args=[issue.number])))

    assert "Ditangani Dinas Bptd: jalan nasional, Kelurahan 1.2" in page
    assert (
        "Dishub (lampu jalan di jalan kota): cocok juga, tetapi aturan pertama lebih khusus" in page
    )
    assert "dari batas" in page
    assert "2 aturan ditimbang" in page


def test_rejecting_needs_a_reason(desk):
    issue = unrouted()

    refused = send(desk, issue, Step.REJECT)
    taken = send(desk, issue, Step.REJECT, note="Bukan urusan kota.")

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert office.fresh(issue).status == Status.REJECTED


def test_hiding_and_showing_are_offered_in_turn(desk):
    issue = make.issue()

    def offered():
        context = desk.get(reverse("case", args=[issue.number])).context
        return {form.step for group in context["groups"] for form in group.forms}

    assert Step.HIDE in offered()
    assert Step.UNHIDE not in offered()

    send(desk, issue, Step.HIDE, note="Memuat nama orang.")

    assert Step.UNHIDE in offered()
    assert Step.HIDE not in offered()


# Review


def look(client, issue, **fields):
    shown = issue.photos.filter(state=Photo.State.CLEAN).values_list("pk", flat=True)
    data = {"version": office.fresh(issue).version, "public_text": "", "shown": [*shown], **fields}
    return client.post(reverse("review", args=[issue.number]), data)


def test_only_what_is_released_becomes_public(desk):
    issue = make.issue(description=WORDS)
    shown, withheld = office.photo(issue), office.photo(issue)

    response = look(desk, issue, public_text="Lampu mati.", photos=[shown.pk])

    detail = PublicDetail.objects.get(issue=issue)
    assert response.url == reverse("case", args=[issue.number])
    assert detail.text == "Lampu mati."
    assert [one.photo_id for one in PublicPhoto.objects.all()] == [shown.pk]
    assert not Photo.objects.get(pk=withheld.pk).public
    assert office.fresh(issue).description == WORDS


def test_personal_data_are_marked_and_masked_unless_the_reviewer_unticks_them(desk):
    issue = make.issue(description=WORDS)
    page = desk.get(reverse("review", args=[issue.number]))
    offered = page.context["form"].offered

    look(desk, issue, public_text=WORDS, offered=offered, mask=["0812-3456-7890"])

    assert offered == ["Ketut Suarjana", "0812-3456-7890"]
    assert office.words(page).count("<mark>0812-3456-7890</mark>") == 2
    text = PublicDetail.objects.get(issue=issue).text
    assert text == f"Lampu mati. Hubungi Pak Ketut Suarjana {MASK} ya."


def test_personal_data_that_nobody_was_shown_are_asked_about(desk):
    issue = make.issue()

    response = look(desk, issue, public_text="Hubungi Ibu Sri Wahyuni.")

    form = response.context["form"]
    assert response.status_code == 422
    assert "Sri Wahyuni" in form.offered
    assert "Sri Wahyuni" in form.masked
    assert "Hubungi Ibu Sri Wahyuni." in office.words(response)
    assert office.fresh(issue).reviewed_at is None


def test_a_review_too_late_keeps_the_words(desk):
    issue = make.issue()
    make.take(issue, Step.NOTE, note="Sudah ditelepon.")

    response = look(desk, issue, version=issue.version, public_text="Lampu mati di tikungan.")

    page = office.words(response)
    assert response.status_code == 409
    assert "Lampu mati di tikungan." in page
    assert "Sudah ditelepon." in page
    assert office.fresh(issue).reviewed_at is None


def test_a_photo_that_comes_after_the_review_is_reviewed_too(desk):
    issue = make.issue()
    look(desk, issue)
    reviewed = queue(desk, "tinjau")

    after = office.photo(issue, kind=Photo.Kind.AFTER, actor=make.user(Role.DISPATCHER))
    waiting = queue(desk, "tinjau")
    look(desk, issue, photos=[after.pk])

    assert (reviewed, waiting) == ([], [issue.number])
    assert queue(desk, "tinjau") == []
    assert PublicPhoto.objects.get().photo_id == after.pk


def test_a_photo_that_was_sent_before_the_review_and_ready_after_it_is_reviewed_too(desk):
    issue = make.issue()
    photo = actions.attach(issue.pk, office.picture(), photo_id=uuid4())
    look(desk, issue)

    office.processed(photo)

    assert queue(desk, "tinjau") == [issue.number]
    assert [*Issue.objects.unreviewed()] == [issue]


def test_a_photo_that_a_reviewer_withholds_leaves_the_queue(desk):
    issue = make.issue()
    look(desk, issue)
    office.photo(issue)

    look(desk, issue)

    assert queue(desk, "tinjau") == []


@pytest.mark.parametrize("step", [Step.MERGE, None], ids=["a duplicate", "a confidential issue"])
def test_photos_of_what_the_public_never_sees_need_no_review(desk, step):
    issue = make.issue(confidential=step is None)
    if step:
        original = make.issue()
        make.take(issue, step, original=original)
        look(desk, original)
    office.photo(issue)

    assert queue(desk, "tinjau") == []


def test_a_photo_that_got_ready_while_the_page_lay_open_is_shown_first(desk):
    issue = make.issue()
    photo = office.photo(issue)

    response = look(desk, issue, public_text="Lampu mati.", shown=[])

    page = office.words(response)
    assert response.status_code == 422
    assert "Ada foto yang baru siap" in page
    assert "Lampu mati." in page
    assert f'name="shown" value="{photo.pk}"' in page
    assert office.fresh(issue).reviewed_at is None


def test_a_photo_of_another_issue_cannot_be_released_here(desk):
    issue, stranger = make.issue(), office.photo(make.issue())

    response = look(desk, issue, photos=[stranger.pk])

    assert response.status_code == 422
    assert not PublicPhoto.objects.exists()


# Black boxes


def boxes(*rows, total=8):
    data = {"box-TOTAL_FORMS": total, "box-INITIAL_FORMS": 0}
    for at, row in enumerate(rows):
        data |= {f"box-{at}-{side}": value for side, value in zip("xywh", row, strict=True)}
    return data


def test_numbers_black_out_a_part_of_a_photo(desk):
    photo = office.photo(make.issue())
    old = reverse("staff-photo", args=[photo.pk, 0, "large"])

    response = desk.post(
        reverse("redact", args=[photo.pk]), boxes((10, 20, 30, 40), ("", "", "", ""))
    )

    photo.refresh_from_db()
    assert response.status_code == 302
    assert photo.generation == 1
    assert desk.get(old).status_code == 404
    event = photo.issue.events.last()
    assert (event.step, event.data["boxes"]) == (Step.REVIEW, [[0.1, 0.2, 0.3, 0.4]])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(10, 20, "", 40)],
        [(10, 20, 0, 40)],
        [(100, 20, 10, 10)],
        [(-1, 20, 10, 10)],
        [("nan", 20, 10, 10)],
        [("<b>", 20, 10, 10)],
    ],
)
def test_a_box_that_is_none_changes_nothing(desk, rows):
    photo = office.photo(make.issue())

    response = desk.post(reverse("redact", args=[photo.pk]), boxes(*rows))

    photo.refresh_from_db()
    assert response.status_code == 422
    assert 'class="error-summary"' in office.words(response)
    assert photo.generation == 0


def test_a_box_over_the_edge_is_cut_at_the_edge(desk):
    photo = office.photo(make.issue())

    desk.post(reverse("redact", args=[photo.pk]), boxes((90, 90, 50, 50)))

    [box] = photo.issue.events.last().data["boxes"]
    assert box == pytest.approx([0.9, 0.9, 0.1, 0.1])


# Duplicates


def near(metres_east):
    """A lamp some metres east of where every made issue stands."""
    degrees = metres_east / 110_000
    return make.issue(lon=make.LON + make.SIDE / 2 + degrees)


def test_candidates_are_near_and_nearest_first(desk):
    issue, far, close = make.issue(), near(200), near(50)
    near(400)
    make.issue(steps=[Step.RESOLVE])

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    found = [one.number for one in context["near"]]
    assert found[-2:] == [close.number, far.number]
    assert len(found) == 3
    assert context["near"][-1].distance.m == pytest.approx(200, abs=5)


def test_nothing_of_another_city_is_a_candidate(desk):
    issue, other = make.issue(), near(20)
    elsewhere = make.city(slug="kota-batu", prefix="BTU", name="Kota Batu", short_name="Batu")
    Issue.objects.filter(pk=other.pk).update(city=elsewhere)

    context = desk.get(
        f"{reverse('duplicates', args=[issue.number])}?beside={other.number}"
    ).context

    assert context["near"] == []
    assert context["chosen"] is None


def test_without_a_point_the_newest_of_its_kind_and_area_are_offered(desk):
    same = make.issue(area_code="1.2")
    make.issue(area_code="2.1")
    issue = make.issue(area_code="1.2")

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    assert [one.number for one in context["near"]] == [same.number]


def test_the_same_kind_is_laid_beside_first(desk):
    issue, alike, other = make.issue(), near(80), near(10)
    Issue.objects.filter(pk=other.pk).update(category=make.category("jalan-rusak"))

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    assert context["chosen"].number == alike.number
    assert Category.objects.count() == 3


def test_merging_points_the_issue_to_its_original(desk):
    original, issue = make.issue(), near(30)
    data = {"version": issue.version, "original": original.number.lower()}

    response = desk.post(reverse("duplicates", args=[issue.number]), data)

    assert response.url == reverse("case", args=[issue.number])
    assert office.fresh(issue).merged_into == original


@pytest.mark.parametrize("number", ["", "DPS-26-999999", "itself", "duplicate"])
def test_a_number_that_cannot_be_the_original_is_refused_in_words(desk, number):
    original, duplicate, issue = make.issue(), near(10), near(30)
    someone = make.user(Role.DISPATCHER)
    actions.take(duplicate.pk, Step.MERGE, actor=someone, original=original)
    number = {"itself": issue.number, "duplicate": duplicate.number}.get(number, number)

    response = desk.post(
        reverse("duplicates", args=[issue.number]), {"version": issue.version, "original": number}
    )

    assert response.status_code == 422
    assert office.fresh(issue).merged_into is None


def test_what_is_closed_has_nothing_to_merge(desk):
    issue = make.issue(steps=[Step.RESOLVE])

    response = desk.get(reverse("duplicates", args=[issue.number]))

    assert response.url == reverse("case", args=[issue.number])


def test_the_nearest_is_measured_on_the_ground(desk):
    issue = make.issue()
    north = near(0)
    Issue.objects.filter(pk=north.pk).update(
        point=Point(issue.point.x, issue.point.y + 0.0025, srid=4326)
    )

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    [found] = context["near"]
    assert found.distance.m == pytest.approx(278, abs=2)
