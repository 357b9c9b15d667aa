from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from geodata.models import City, Department, RoutingRule
from issues import reference
from issues.errors import UnknownCity
from issues.models import Category, Clock, Holiday
from issues.reference.files import CITIES


@pytest.fixture(scope="session")
def denpasar() -> reference.CityFiles:
    return reference.read("denpasar")


def with_row(rows, key, code, **changes):
    return tuple(row | changes if row[key] == code else row for row in rows)


def without(rows, key, code):
    return tuple(row for row in rows if row[key] != code)


@pytest.mark.parametrize("slug", reference.names())
def test_the_files_of_a_city_hold_no_contradiction(slug):
    assert reference.problems(reference.read(slug)) == ()


def test_there_are_two_cities_and_the_second_is_data_alone():
    assert reference.names() == ("denpasar", "kota-batu")
    assert {file.suffix for file in (CITIES / "kota-batu").iterdir()} == {".toml"}


def test_denpasar_has_at_least_thirty_kinds_of_problem(denpasar):
    leaves = {row["service_code"] for row in denpasar.leaves()}
    assert len(leaves) >= 30
    assert leaves >= {"jalan-rusak", "lpju-mati", "pdam-bocor"}


def test_kota_batu_has_at_least_ten_kinds_of_problem():
    assert len(list(reference.read("kota-batu").leaves())) >= 10


@pytest.mark.parametrize("slug", reference.names())
def test_a_child_continues_the_code_of_its_parent(slug):
    files = reference.read(slug)
    parents = {row["service_code"]: files.parent(row["service_code"]) for row in files.categories}
    assert all(code.startswith(f"{parent}-") for code, parent in parents.items() if parent)
    assert parents["lalu-lintas-rambu"] == "lalu-lintas"
    assert parents["lalu-lintas"] == ""


@pytest.mark.parametrize(
    "code",
    [
        *("pelayanan-petugas", "pelayanan-pungli", "sosial-kekerasan", "kesehatan-layanan"),
        *("ketertiban-bising", "sosial-bantuan", "pelayanan-adminduk", "pendidikan-layanan"),
    ],
)
def test_complaints_about_persons_start_confidential(denpasar, code):
    row = next(row for row in denpasar.leaves() if row["service_code"] == code)
    assert row["privacy"] == "rahasia"
    assert not row.get("exact_place")


def test_emergencies_name_the_emergency_number_and_have_their_own_clock(denpasar):
    rows = [row for row in denpasar.categories if row.get("nature") == "darurat"]
    assert rows
    assert all("112" in row["emergency_hint"] and row["clock"] == "darurat" for row in rows)


def test_not_knowing_goes_to_triage_on_purpose(denpasar):
    assert [row["service_code"] for row in denpasar.leaves() if row.get("triage")] == ["lainnya"]


def test_every_fault_is_named_at_once(denpasar):
    faulty = replace(
        denpasar,
        categories=with_row(denpasar.categories, "service_code", "lpju-mati", icon="ufo"),
        rules=with_row(denpasar.rules, "code", "pdam", department="NOBODY", service_code="air"),
    )
    assert set(reference.problems(faulty)) >= {
        "category lpju-mati: icon “ufo” tidak dikenal",
        "rule pdam: department “NOBODY” tidak dikenal",
        "rule pdam: service_code “air” tidak dikenal",
        "category pdam-bocor: tidak punya aturan, dan bukan “triage”",
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"level": "kawasan"}, "“level” dan “area” harus ada bersama"),
        ({"level": "planet", "area": "X"}, "level “planet” tidak dikenal"),
        ({"level": "desa", "area": "X", "road_class": "city"}, "bukan keduanya"),
        ({"road_class": "moon"}, "road_class “moon” tidak dikenal"),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2024, 1, 1)}, "harus sebelum"),
        ({"departement": "DISHUB"}, "“departement” tidak dikenal"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(denpasar, changes, fault):
    rules = with_row(denpasar.rules, "code", "pdam", **changes)
    assert fault in " ".join(reference.problems(replace(denpasar, rules=rules)))


def test_a_missing_key_is_named(denpasar):
    rules = ({"code": "bare"},)
    found = reference.problems(replace(denpasar, rules=rules))
    assert "rule bare: “service_code” tidak ada" in found


def test_a_code_written_twice_is_named(denpasar):
    twice = (*denpasar.departments, denpasar.departments[0])
    found = reference.problems(replace(denpasar, departments=twice))
    assert found == ("department DPUPR: tertulis 2 kali",)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"zone": "Asia/Denpasar"}, "zona waktu"),
        ({"center": [106.8, -6.2]}, "extent"),
        ({"office_hours": {"senin": ["07:30", "16:00"]}}, "jam kantor “senin”"),
        ({"office_hours": {"monday": ["16:00", "07:30"]}}, "jam kantor “monday”"),
        ({"office_hours": {}}, "tidak ada jam kantor"),
        ({"clock": []}, "tenggat “standar” tidak ada"),
    ],
)
def test_a_city_that_makes_no_sense_is_refused(denpasar, changes, fault):
    found = reference.problems(replace(denpasar, city=denpasar.city | changes))
    assert fault in " ".join(found)


def test_an_unknown_city_is_no_folder():
    with pytest.raises(UnknownCity):
        reference.read("../denpasar")


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "city.toml").write_text("slug = ")
    with pytest.raises(reference.BadReference, match=r"city\.toml"):
        reference.read("x", folder=tmp_path)


@pytest.mark.django_db
def test_loading_twice_changes_nothing(denpasar):
    first = reference.load(denpasar)
    second = reference.load(denpasar)
    assert first.changes["rule"].created == len(denpasar.rules)
    assert second.changed_nothing


@pytest.mark.django_db
def test_both_cities_live_side_by_side(denpasar):
    reference.load(denpasar)
    reference.load(reference.read("kota-batu"))
    assert City.objects.count() == 2
    assert Category.objects.filter(service_code="lpju-mati").count() == 2


@pytest.mark.django_db
def test_rows_say_what_the_files_say(denpasar):
    city = reference.load(denpasar).city
    lamp = city.categories.get(service_code="lpju-mati")
    rule = city.rules.get(code="lpju-nasional")
    assert (lamp.parent.service_code, lamp.fast_lane, lamp.confidential) == ("lpju", True, False)
    assert (rule.department.code, rule.road_class, rule.within_m) == ("BPTD", "national", 30)
    assert city.center.coords == (115.2167, -8.6705)
    assert city.office_hours["0"] == ["07:30", "16:00"]
    assert city.rules.get(code="lpju-benoa").area_code == "BENOA"


@pytest.mark.django_db
def test_an_edit_of_the_data_changes_the_row(denpasar):
    reference.load(denpasar)
    edited = with_row(denpasar.departments, "code", "DLHK", name="Dinas Kebersihan")
    summary = reference.load(replace(denpasar, departments=edited))
    assert Department.objects.get(code="DLHK").name == "Dinas Kebersihan"
    assert (summary.changes["department"].changed, summary.changes["department"].same) == (1, 30)


@pytest.mark.django_db
def test_a_row_that_is_no_longer_named_is_switched_off_and_can_come_back(denpasar):
    reference.load(denpasar)
    fewer = replace(denpasar, rules=without(denpasar.rules, "code", "jalan-tol"))
    assert reference.load(fewer).changes["rule"].retired == 1
    assert not RoutingRule.objects.get(code="jalan-tol").active
    reference.load(denpasar)
    assert RoutingRule.objects.get(code="jalan-tol").active


@pytest.mark.django_db
def test_contradictions_load_nothing(denpasar):
    with pytest.raises(reference.BadReference):
        reference.load(replace(denpasar, departments=()))
    assert not City.objects.exists()


@pytest.mark.django_db
def test_a_city_that_asks_for_accounts_says_so_in_its_file(denpasar):
    strict = reference.load(replace(denpasar, city=denpasar.city | {"requires_account": True}))

    assert strict.city.requires_account
    assert not reference.load(denpasar).city.requires_account


@pytest.mark.django_db
def test_the_clock_of_the_city_is_that_of_pro_denpasar(denpasar):
    reference.load(denpasar)
    clock = Clock.objects.get(code="standar")
    assert (clock.disposition_hours, clock.target_days, clock.limit_days) == (24, 3, 7)
    assert (clock.joint_target_days, clock.joint_limit_days) == (7, 30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 3, 19), "national"),  # Nyepi
        (date(2026, 3, 20), "joint"),  # cuti bersama Idul Fitri
        (date(2025, 4, 23), "local"),  # Galungan
        (date(2014, 7, 30), "joint"),
    ],
)
def test_days_off_are_national_joint_or_local(denpasar, day, kind):
    reference.load(denpasar)
    assert Holiday.objects.get(date=day).kind == kind


@pytest.mark.django_db
def test_a_day_that_an_administrator_removed_stays_removed_until_asked(denpasar):
    reference.load(denpasar)
    Holiday.objects.filter(date=date(2026, 6, 17)).delete()
    reference.load(denpasar)
    assert not Holiday.objects.filter(date=date(2026, 6, 17)).exists()
    reference.load(denpasar, renew_holidays=True)
    assert Holiday.objects.filter(date=date(2026, 6, 17)).exists()


def test_local_days_agree_with_the_computed_calendar(denpasar, shared_data):
    file = shared_data / "holidays-id-bali" / "bali_hari_suci_pawukon_2023_2028.csv"
    rows = (line.split(",") for line in file.read_text().splitlines()[1:])
    expected = {
        date.fromisoformat(day)
        for day, name, *_ in rows
        if ("Galungan" in name or "Kuningan" in name) and day < "2028"
    }
    assert expected <= {row["date"] for row in denpasar.holidays}


def test_departments_of_the_facts_are_all_there(denpasar, shared_data):
    lines = (shared_data / "taxonomy-id" / "denpasar_instansi.csv").read_text().splitlines()[1:]
    expected = {line.split(",")[0] for line in lines}
    assert expected <= {row["code"] for row in denpasar.departments}


@pytest.mark.django_db
def test_the_command_says_what_it_did():
    out = StringIO()
    call_command("load_reference", "kota-batu", stdout=out)
    call_command("load_reference", "kota-batu", stdout=out)
    call_command("load_reference", "kota-batu", "--if-missing", stdout=out)
    assert "18 baru" in out.getvalue()
    assert "tidak ada yang berubah" in out.getvalue()
    assert "sudah dimuat" in out.getvalue()


@pytest.mark.django_db
def test_the_command_names_the_cities_that_it_knows():
    with pytest.raises(CommandError, match="denpasar, kota-batu"):
        call_command("load_reference", "atlantis")


def test_every_icon_is_drawn():
    sprite = (reference.files.CITIES.parent.parent / "static/img/icons.svg").read_text()
    assert [name for name in sorted(reference.files.ICONS) if f'id="{name}"' not in sprite] == []


# Questions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "tebak"}, "kind “tebak” tidak dikenal"), ({"choices": []}, "tidak ada pilihan"),
        ({"choices": [{"label": "x"}]}, "pilihan harus punya code"), ({"least": 1}, "“least”"),
        ({"condition": {"entah": "ya"}}, "syarat “entah”"), ({"stops": True}, "“stops”"),
        ({"category": "ufo"}, "category “ufo” tidak dikenal"), ({"kode": "x"}, "“kode”"),
        ({"code": "A b"}, "kode hanya huruf kecil"), ({"text": "x" * 301}, "lebih dari 300"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(denpasar, changes, fault):
    first, *others = denpasar.questions
    files = replace(denpasar, questions=(first | changes, *others))
    assert fault in " ".join(reference.problems(files))


def test_a_condition_names_a_choice_that_can_be_made(denpasar):
    rows = with_row(denpasar.questions, "code", "awas-roboh", condition={"keadaan": "terbang"})
    assert "“terbang” bukan pilihannya" in " ".join(
        reference.problems(replace(denpasar, questions=rows))
    )


def test_a_relation_must_be_a_kind_of_the_city(denpasar):
    wrong = with_row(denpasar.categories, "service_code", "listrik-kabel", related=["tidak-ada"])

    [problem] = reference.problems(replace(denpasar, categories=wrong))

    assert "tidak-ada" in problem


@pytest.mark.django_db
def test_the_relations_of_a_kind_are_loaded():
    call_command("load_reference", "denpasar", stdout=StringIO())

    kind = Category.objects.get(service_code="listrik-kabel")
    assert kind.related == ["telekomunikasi-kabel"]
