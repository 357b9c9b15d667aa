"""The pages that administer places: borders, special areas, rules, the simulator, the gaps."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from geodata.models import Draft, Edition, Jurisdiction, Level, RoutingRule
from issues.actions import enacting, proposing
from issues.views.manage import HUB
from issues.workflow import Role
from tests import make
from tests.issues import office
from tests.issues.test_proposals import uploaded, villages, where

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 12
PAGES = (
    "manage", "borders", "specials", "special-new", "rules", "rule-new", "simulator", "coverage",
)  # fmt: skip


@pytest.fixture
def city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    of = make.world()
    RoutingRule.objects.all().delete()
    for code in ("1.1", "1.2"):
        make.rule(
            f"lampu-{code}",
            to=f"D{code[-1]}",
            service_code="lpju",
            level=Level.VILLAGE,
            area_code=code,
        )
    return of


@pytest.fixture
def boss(city):
    return make.user(Role.ADMINISTRATOR)


@pytest.fixture
def admin(client, boss):
    return office.enter(client, boss)


@pytest.fixture
def draft(city, boss, tmp_path):
    """A border that moves two of three lamps."""
    for step in (0.002, 0.003, 0.015):
        make.issue(lon=make.LON + step)
    return uploaded(city, boss, villages(tmp_path))


def step(client, draft, do, **more):
    return client.post(reverse("draft-step", args=[draft.pk]), {"do": do, **more})


def again(draft):
    return Draft.objects.get(pk=draft.pk)


def test_an_administrator_finds_every_door_of_the_hub(admin):
    page = admin.get(reverse("manage"))

    links = [reverse(door.name) for _group, doors in HUB for door in doors]
    assert all(f'href="{link}"' in page.content.decode() for link in links)
    assert {admin.get(link).status_code for link in links} == {200}
    assert 'aria-current="true">Atur' in " ".join(page.content.decode().split()).replace(
        '" >', '">'
    )


def test_no_other_role_knows_that_there_are_such_pages(client, draft):
    office.dispatcher(client)
    paths = [reverse(name) for name in PAGES]
    paths += [reverse(name, args=[draft.pk]) for name in ("draft", "draft-map", "draft-csv")]

    assert {client.get(path).status_code for path in paths} == {404}
    assert step(client, draft, "publish").status_code == 404
    assert "Atur" not in client.get(reverse("desk")).content.decode()
    assert again(draft).state == Draft.State.READY


def test_another_citys_proposal_looks_like_none(client, draft):
    other = make.city(slug="batu", prefix="KBT")
    Draft.objects.filter(pk=draft.pk).update(city=other)
    office.enter(client, make.user(Role.ADMINISTRATOR))

    assert client.get(reverse("draft", args=[draft.pk])).status_code == 404
    assert step(client, draft, "drop").status_code == 404


# Borders -------------------------------------------------------------------------------------


def test_an_upload_waits_for_nobody_and_is_checked_by_a_job(admin, boss, tmp_path, queue):
    file = SimpleUploadedFile("desa.geojson", villages(tmp_path).read_bytes())
    given = {"level": int(Level.VILLAGE), "source": "Perda 1/2026", "file": file}

    response = admin.post(reverse("borders"), given)

    draft = Draft.objects.get()
    assert response.url == reverse("draft", args=[draft.pk])
    assert (draft.state, draft.uploaded_by, draft.file_name) == (
        Draft.State.CHECKING, boss, "desa.geojson",
    )  # fmt: skip
    assert [job.task_name for job in queue()] == ["check_draft"]
    assert "data-moving" in admin.get(response.url).content.decode()


@pytest.mark.parametrize("name", ["desa.vrt", "desa.exe", "desa", "/vsicurl/http:x.csv"])
def test_a_file_of_another_kind_is_refused_at_the_door(admin, name):
    file = SimpleUploadedFile(name, b"{}")

    response = admin.post(reverse("borders"), {"level": 3, "source": "x", "file": file})

    assert response.status_code == 422
    assert not Draft.objects.exists()


def test_a_file_over_the_limit_is_refused_before_anything_reads_it(admin, monkeypatch):
    monkeypatch.setattr("geodata.inspection.MAX_BYTES", 10)
    file = SimpleUploadedFile("desa.geojson", b"x" * 11)

    response = admin.post(reverse("borders"), {"level": 3, "source": "x", "file": file})

    assert response.status_code == 422
    assert not Draft.objects.exists()


def test_the_page_of_a_proposal_lists_what_would_move(admin, draft):
    page = admin.get(reverse("draft", args=[draft.pk]))

    numbers = [row["number"] for row in page.context["rows"]]
    assert len(numbers) == 2
    assert page.context["pairs"] == [{"old": "D2", "new": "D1", "count": 2}]
    assert all(number in page.content.decode() for number in numbers)


def test_map_sheet_and_page_tell_of_the_same_issues(admin, draft):
    page = admin.get(reverse("draft", args=[draft.pk]))
    shown = admin.get(reverse("draft-map", args=[draft.pk])).json()
    text = admin.get(reverse("draft-csv", args=[draft.pk])).content.decode("utf-8-sig")

    lines = list(csv.DictReader(io.StringIO(text)))
    numbers = sorted(row["number"] for row in page.context["rows"])
    assert sorted(line["nomor"] for line in lines) == numbers
    assert sorted(move["name"].partition(":")[0] for move in shown["moves"]) == numbers
    assert {(line["dari_dinas"], line["ke_dinas"]) for line in lines} == {("D2", "D1")}
    assert shown["areas"][0]["name"] == "Desa 1.1 (1.1)"
    assert len(shown["areas"]) == 4


def test_a_fault_is_listed_with_its_size_and_drawn_with_its_shape(admin, city, boss, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path, overlap=0.001))

    page = admin.get(reverse("draft", args=[draft.pk])).content.decode()
    shown = admin.get(reverse("draft-map", args=[draft.pk])).json()

    assert "tumpang tindih" in page
    assert 'value="publish"' not in page
    assert {fault["shape"]["type"] for fault in shown["faults"]} <= {"Polygon", "MultiPolygon"}


def test_publish_and_undo_by_their_buttons(admin, draft, boss):
    moved = [one["issue"] for one in draft.impact]

    step(admin, draft, "publish", at="")
    enacting.enact(draft.pk)
    after = again(draft)
    page = admin.get(reverse("draft", args=[draft.pk])).content.decode()
    step(admin, draft, "undo")
    enacting.revoke(draft.pk)

    assert (after.state, after.published_by) == (Draft.State.PUBLISHED, boss)
    assert 'value="undo"' in page
    assert [one["issue"] for one in after.impact] == moved
    assert (again(draft).state, again(draft).undone_by) == (Draft.State.UNDONE, boss)


def test_a_date_is_read_in_the_citys_time_and_must_come(admin, draft):
    past = step(admin, draft, "publish", at="2020-01-01T08:00")
    later = step(admin, draft, "publish", at="2035-01-02T08:00")

    assert past.status_code == 422
    assert later.status_code == 302
    assert again(draft).publish_at.isoformat() == "2035-01-02T00:00:00+00:00"


def test_a_step_that_comes_too_late_is_said_on_the_page(admin, draft):
    proposing.drop(draft.pk)

    response = step(admin, draft, "publish", at="")

    assert response.status_code == 409
    assert "berubah keadaan" in response.content.decode()


def test_an_older_preview_is_known_as_such(admin, draft):
    make.rule("lain", to="D9", service_code="lpju", level=Level.VILLAGE, area_code="2.1")

    page = admin.get(reverse("draft", args=[draft.pk]))
    step(admin, draft, "weigh")
    enacting.weigh(draft.pk)

    assert page.context["stale"]
    assert not admin.get(reverse("draft", args=[draft.pk])).context["stale"]


def test_a_page_costs_the_same_for_two_moves_and_for_many(
    admin, city, boss, tmp_path, django_assert_max_num_queries
):
    for number in range(20):
        make.issue(lon=make.LON + 0.0002 * number)
    draft = uploaded(city, boss, villages(tmp_path))

    for name in ("draft", "draft-map", "draft-csv"):
        with django_assert_max_num_queries(MOST_STATEMENTS):
            admin.get(reverse(name, args=[draft.pk]))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_bounded(admin, draft, name, django_assert_max_num_queries):
    admin.get(reverse(name))  # the first page after logging in notes the device

    with django_assert_max_num_queries(MOST_STATEMENTS):
        admin.get(reverse(name))


# Special areas -------------------------------------------------------------------------------

SQUARE = "-8.652, 115.211\n-8.652, 115.213\n-8.650, 115.213\n-8.650, 115.211"


def drawn(admin, corners=SQUARE, **more):
    given = {"code": "pasar", "name": "Pasar Uji", "kind": "pasar", "corners": corners, **more}
    return admin.post(reverse("special-new"), given)


def counted(draft):
    """Have the worker weigh and publish."""
    enacting.weigh(draft.pk)
    proposing.publish(draft.pk, actor=draft.uploaded_by)
    enacting.enact(draft.pk)
    return again(draft)


def special_areas():
    """The special areas in force, by code."""
    return {row.code: row for row in Jurisdiction.objects.current().filter(level=Level.SPECIAL)}


def test_a_special_area_is_typed_proposed_and_published(admin, city):
    make.rule("pasar", to="PASAR", service_code="lpju", level=Level.SPECIAL, area_code="pasar")
    lamp = make.issue(lon=115.212, lat=-8.651)

    response = drawn(admin)
    draft = counted(Draft.objects.get())

    assert response.url == reverse("draft", args=[draft.pk])
    assert [one["new"] for one in draft.impact] == ["PASAR"]
    assert where(lamp) == "PASAR"
    assert Edition.objects.get(layer="special").dataset == "tangan"


def test_a_second_area_keeps_the_first_and_an_end_keeps_the_other(admin, city):
    drawn(admin)
    counted(Draft.objects.get())
    drawn(admin, code="pelabuhan", name="Pelabuhan", corners=SQUARE.replace("115.21", "115.20"))
    counted(Draft.objects.first())
    both = special_areas()

    admin.post(reverse("special", args=[both["pasar"].pk]), {"do": "end"})
    counted(Draft.objects.first())

    assert sorted(both) == ["pasar", "pelabuhan"]
    assert sorted(special_areas()) == ["pelabuhan"]
    assert Jurisdiction.objects.filter(level=Level.SPECIAL).count() == 4


def test_an_area_is_drawn_anew(admin, city):
    drawn(admin)
    counted(Draft.objects.get())
    row = Jurisdiction.objects.get(level=Level.SPECIAL)
    page = admin.get(reverse("special", args=[row.pk])).content.decode()

    given = {"name": "Pasar Baru", "kind": "", "corners": SQUARE.replace("115.213", "115.214")}
    admin.post(reverse("special", args=[row.pk]), given)
    counted(Draft.objects.first())

    now = Jurisdiction.objects.current().get(level=Level.SPECIAL)
    assert "-8.652000, 115.211000" in page
    assert (now.code, now.name) == ("pasar", "Pasar Baru")
    assert now.area.extent == (115.211, -8.652, 115.214, -8.65)


@pytest.mark.parametrize(
    "corners",
    [
        "-8.65, 115.21\n-8.66, 115.22",
        "-8.652, 115.211\n-8.650, 115.213\n-8.652, 115.213\n-8.650, 115.211",
        "1e200, 115.2\n-8.6, 115.2\n-8.6, 115.3",
        "nan, nan\n-8.6, 115.2\n-8.6, 115.3",
        "-8.6, 115.2, 3\n-8.6, 115.2\n-8.6, 115.3",
        "51.5, 0.1\n51.6, 0.1\n51.6, 0.2",
        "-8.65, 115.21\n-8.65, 115.21\n-8.65, 115.21",
        "bukan angka",
    ],
)
def test_corners_that_are_no_area_are_refused_with_a_reason(admin, city, corners):
    response = drawn(admin, corners=corners)

    assert response.status_code == 422
    assert "field__error" in response.content.decode()
    assert not Draft.objects.exists()


# Rules ---------------------------------------------------------------------------------------


def rule_fields(rule, **changes):
    make.category(rule.service_code)
    fields = {
        "code": rule.code,
        "service_code": rule.service_code,
        "place": f"{rule.level}:{rule.area_code}",
        "within_m": 30,
        "department": rule.department.code,
        "priority": rule.priority,
        "explanation": rule.explanation,
    }
    return fields | changes


def test_a_rule_is_changed_on_its_page_once_it_is_published(admin, city):
    lamp = make.issue()
    make.department("D3")
    rule = RoutingRule.objects.get(code="lampu-1.2")

    response = admin.post(reverse("rule", args=[rule.pk]), rule_fields(rule, department="D3"))
    assert response.status_code == 302, response.context["form"].errors
    unchanged = RoutingRule.objects.get(pk=rule.pk).department.code
    draft = counted(Draft.objects.get())
    page = admin.get(response.url).content.decode()

    assert unchanged == "D2"
    assert where(lamp) == "D3"
    assert [(name, old, new) for name, old, new in admin.get(response.url).context["changes"]] == [
        ("Dinas", "D2", "D3")
    ]
    assert draft.state == Draft.State.PUBLISHED
    assert lamp.number in page


def test_the_same_values_again_propose_nothing(admin, city):
    rule = RoutingRule.objects.get(code="lampu-1.2")

    response = admin.post(reverse("rule", args=[rule.pk]), rule_fields(rule))

    assert response.url == reverse("rules")
    assert not Draft.objects.exists()


def test_a_new_rule_needs_a_code_of_its_own(admin, city):
    rule = RoutingRule.objects.get(code="lampu-1.2")

    taken = admin.post(reverse("rule-new"), rule_fields(rule))
    given = rule_fields(
        rule, code="lampu-jalan", place="road:national", facts="posisi = tiang\nn = 2"
    )
    new = admin.post(reverse("rule-new"), given)

    after = Draft.objects.get().after
    assert (taken.status_code, new.status_code) == (422, 302)
    assert (after["road_class"], after["level"], after["facts"]) == (
        "national", None, {"posisi": "tiang", "n": 2},
    )  # fmt: skip


def test_a_rule_is_ended_and_counts_again(admin, city):
    lamp = make.issue()
    rule = RoutingRule.objects.get(code="lampu-1.2")

    admin.post(reverse("rule", args=[rule.pk]), {"do": "switch"})
    counted(Draft.objects.first())
    ended = where(lamp)
    admin.post(reverse("rule", args=[rule.pk]), {"do": "switch"})
    counted(Draft.objects.first())

    assert ended is None
    assert where(lamp) == "D2"
    assert admin.get(reverse("rule", args=[rule.pk])).context["history"].count() == 2


# The simulator -------------------------------------------------------------------------------


def test_the_simulator_says_who_and_why_and_why_not_the_others(admin, city):
    asked = {"service_code": "lpju-mati", "lat": make.LAT + 0.01, "lon": make.LON + 0.01}

    page = admin.get(reverse("simulator"), asked)

    trace = {line["rule"]: line["why_not"] for line in page.context["trace"]}
    assert page.context["route"].chosen.department_code == "D2"
    assert trace == {"lampu-1.2": "", "lampu-1.1": "di luar 1.1"}
    assert "Dinas D2" in page.content.decode()
    assert (
        reverse("rule", args=[RoutingRule.objects.get(code="lampu-1.1").pk])
        in page.content.decode()
    )


def test_the_simulator_asks_for_the_answers_that_rules_demand(admin, city):
    make.rule("tiang", to="PLN", service_code="lpju", facts={"posisi": "tiang"}, priority=9)
    asked = {"service_code": "lpju-mati", "lat": make.LAT + 0.01, "lon": make.LON + 0.01}

    without = admin.get(reverse("simulator"), asked)
    given = admin.get(reverse("simulator"), {**asked, "answer-posisi": "tiang"})

    assert without.context["route"].chosen.department_code == "D2"
    assert given.context["route"].chosen.department_code == "PLN"


@pytest.mark.parametrize("lat", ["nan", "inf", "91", "1e400", "x", ""])
def test_the_simulator_refuses_what_is_no_place(admin, city, lat):
    asked = {"service_code": "lpju-mati", "lat": lat, "lon": "115.2"}

    assert admin.get(reverse("simulator"), asked).status_code == 422


# The gaps ------------------------------------------------------------------------------------


def test_the_report_finds_a_hole_a_double_and_kinds_without_anybody(admin, city):
    make.area("2.3", shape=make.square(side=0.01))
    Jurisdiction.objects.get(code="2.1").delete()

    page = admin.get(reverse("coverage"))

    [gap] = page.context["gaps"]
    [double] = page.context["doubles"]
    assert gap.area_m2 == pytest.approx(2200 * 2212, rel=0.02)
    assert (double.names, double.level) == (("1.2 (1.2)", "2.3 (2.3)"), Level.VILLAGE)
    assert [code for code, _label in page.context["nobodys"]] == ["layanan-lambat"]
    assert [kind["areas"] for kind in page.context["unserved"]] == [["2.2"]]
    drawn = page.content.decode().partition('id="layers" type="application/json">')[2]
    assert len(json.loads(drawn.partition("</script>")[0])["gaps"]) == 1


def test_a_special_area_needs_a_code_of_its_own(admin, city):
    drawn(admin)
    counted(Draft.objects.get())

    assert drawn(admin, name="Pasar lain").status_code == 422
    assert Draft.objects.count() == 1
