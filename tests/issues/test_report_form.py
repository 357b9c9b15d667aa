"""The report form: one set of rules for the page and for the API."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import OutsideCoverage
from issues import actions
from issues.forms.report import MAX_LETTERS, ReportForm, flat, outside_said
from issues.forms.words import distance_said, letters
from issues.models import Category, Question
from tests import make

pytestmark = pytest.mark.django_db

WORDS = "Lampu jalan mati sejak tiga malam."


@pytest.fixture
def city():
    return make.world()


def filled(city, **fields):
    values = {
        "uuid": str(make.uuid(1)),
        "service_code": "lpju-mati",
        "description": WORDS,
        "lat": str(make.LAT + 0.01),
        "lon": str(make.LON + 0.01),
    }
    return ReportForm({**values, **fields}, city=city)


def body(**fields):
    values = {"id": str(make.uuid(1)), "service_code": "lpju-mati", "description": WORDS}
    return {**values, "lat": -8.65, "lon": 115.21, **fields}


def test_a_point_a_kind_and_some_words_are_enough(city):
    form = filled(city)

    assert form.is_valid(), form.errors
    assert form.draft(language="id").description == WORDS


def test_a_village_stands_in_for_a_point(city):
    form = filled(city, lat="", lon="", area_code="1.2")

    assert form.is_valid(), form.errors
    assert form.draft(language="id").area_code == "1.2"


def test_a_point_outweighs_a_village(city):
    form = filled(city, area_code="1.2")

    assert form.is_valid(), form.errors
    assert form.draft(language="id").area_code == ""


def test_a_report_needs_a_place(city):
    assert "area_code" in filled(city, lat="", lon="").errors


def test_a_village_of_nowhere_is_refused(city):
    assert "area_code" in filled(city, lat="", lon="", area_code="9.9").errors


def test_a_kind_without_kinds_of_its_own_can_be_chosen_only(city):
    parent = make.category("jalan", fast_lane=False)
    make.category("jalan-rusak", parent=parent)

    assert filled(city, service_code="jalan-rusak").is_valid()
    assert "service_code" in filled(city, service_code="jalan").errors


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("nan", "115.2"),
        ("-8.6", "inf"),
        ("1e308", "1e308"),
        ("1e200", "1"),
        ("-91", "115.2"),
        ("-8.6", "181"),
        ("962118", "12835000"),
        ("POINT EMPTY", "115.2"),
        ("true", "115.2"),
        ("-8.65", ""),
        ("", "115.2"),
    ],
)
def test_what_is_no_place_on_earth_is_refused_before_any_geometry(city, lat, lon):
    form = filled(city, lat=lat, lon=lon)

    assert {"lat", "lon"} & set(form.errors)


def test_a_swap_of_latitude_and_longitude_is_named_and_not_mended(city):
    form = filled(city, lat="115.2", lon="-8.65")

    assert "terbalik" in str(form.errors["lat"])


def test_a_description_is_cleaned_and_keeps_local_scripts(city):
    form = filled(city, description="ᬩᬮᬶ\x00 lampu\u202e mati\r\nsejak kemarin 👨‍👩‍👧")

    assert form.is_valid(), form.errors
    assert form.draft(language="id").description == "ᬩᬮᬶ lampu mati\nsejak kemarin 👨‍👩‍👧"


def test_length_is_counted_as_a_reader_counts():
    assert letters("👨‍👩‍👧") == 1
    assert letters("e\u0301") == 1
    assert letters("a b\n c") == 3


@pytest.mark.parametrize("text", ["", "      ", "mati", "a" + "\u0301" * 40, "\u200b" * 50])
def test_too_few_letters_are_refused(city, text):
    assert "description" in filled(city, description=text).errors


def test_a_photo_or_an_answer_needs_no_words(city):
    Question.objects.create(
        category=Category.objects.get(service_code="lpju-mati"),
        code="sejak",
        kind="text",
        text="Sejak kapan?",
    )
    assert filled(city, description="", photos="1").is_valid()
    assert filled(city, description="", **{"answer-sejak": "kemarin"}).is_valid()
    assert "description" in filled(city, description="", photos="0").errors
    assert "description" in filled(city, description="", **{"answer-sejak": " "}).errors


def test_a_report_without_words_is_found_again_after_its_question_has_gone(city):
    lamp = Category.objects.get(service_code="lpju-mati")
    asked = Question.objects.create(category=lamp, code="sejak", kind="text", text="Sejak kapan?")
    said = body(description="", answers={"sejak": "kemarin"})

    def sent():
        form = ReportForm(flat(said), city=city, answers=said["answers"])
        form.is_valid()
        return form

    receipt = actions.submit(sent().draft(language="id"), city=city)
    asked.delete()

    assert sent().repeated().issue == receipt.issue


@pytest.mark.parametrize("text", ["a" * (MAX_LETTERS + 1), "ᬩᬶ" * 3000])
def test_too_many_letters_or_bytes_are_refused(city, text):
    assert "description" in filled(city, description=text).errors


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=200))
def test_any_text_is_either_refused_or_can_be_stored(city, text):
    form = filled(city, description=text, address=text, name=text)

    if form.is_valid():
        form.draft(language="id").description.encode()


def test_contact_needs_consent(city):
    assert "consent" in filled(city, email="warga@contoh.id").errors
    assert filled(city, email="warga@contoh.id", consent="on").is_valid()


def test_without_contact_nothing_is_to_be_agreed(city):
    assert filled(city).is_valid()


@pytest.mark.parametrize("field", ["email", "phone"])
def test_a_contact_that_reaches_nobody_is_refused(city, field):
    assert field in filled(city, consent="on", **{field: "bukan kontak"}).errors


def test_a_sensitive_kind_stays_confidential_whatever_the_form_says(city):
    make.category("pungli", confidential=True)

    form = filled(city, service_code="pungli", confidential="")

    assert form.is_valid(), form.errors
    assert actions.submit(form.draft(language="id"), city=city).issue.confidential


def test_an_anonymous_report_does_not_tell_how_well_the_phone_knew(city):
    form = filled(city, accuracy_m="12.5", anonymous="on")

    assert form.is_valid(), form.errors
    assert form.draft(language="id").accuracy_m is None


def test_an_accuracy_that_says_nothing_is_forgotten(city):
    form = filled(city, accuracy_m="9999999")

    assert form.is_valid(), form.errors
    assert form.draft(language="id").accuracy_m is None


def test_the_apis_body_goes_through_the_same_form(city):
    data = flat(body(privacy="anonim_rahasia", contact={"email": "a@contoh.id"}, consent=True))
    form = ReportForm(data, city=city)

    assert form.is_valid(), form.errors
    draft = form.draft(language="id")
    assert (draft.anonymous, draft.confidential, draft.email) == (True, True, "a@contoh.id")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lat", True),
        ("lat", "8"),
        ("lon", [115.2]),
        ("description", 12),
        ("contact", "warga"),
        ("consent", "ya"),
        ("privacy", "terbuka"),
        ("privacy", ["anonim"]),
        ("id", 7),
    ],
)
def test_a_value_of_a_wrong_type_is_named(name, value):
    with pytest.raises(ValidationError) as refusal:
        flat(body(**{name: value}))

    assert name in refusal.value.message_dict


def test_null_is_the_same_as_left_out(city):
    data = flat(body(address=None, contact=None, accuracy_m=None, privacy=None))

    assert ReportForm(data, city=city).is_valid()


def test_surrogates_and_nul_in_json_do_not_reach_the_database(city):
    form = ReportForm(flat(body(description=f"\ud800{WORDS}\x00")), city=city)

    assert form.is_valid(), form.errors
    assert form.draft(language="id").description == WORDS


def test_a_refusal_outside_names_the_neighbour_and_the_border(city):
    said = outside_said(OutsideCoverage("Badung", 348.0), city)

    assert "Badung" in said
    assert "350 m" in said


def test_a_refusal_outside_of_every_neighbour_names_the_distance(city):
    assert "12 km" in outside_said(OutsideCoverage("", 12_200.0), city)


def test_a_refusal_without_boundaries_is_still_a_sentence(city):
    assert "Denpasar" in outside_said(OutsideCoverage("", None), city)


@pytest.mark.parametrize(("metres", "said"), [(3.0, "10 m"), (344.0, "340 m"), (1900.0, "2 km")])
def test_distances_are_said_as_people_say_them(metres, said):
    assert distance_said(metres) == said


def test_the_form_asks_for_areas_only_when_there_is_no_point(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert filled(city).is_valid()
    with django_assert_num_queries(2):
        assert filled(city, lat="", lon="", area_code="1.2").is_valid()
