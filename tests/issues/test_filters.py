"""The filters of the address bar: what is read, what is refused, what one statement looks up."""

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from geodata.models import City
from issues.forms.filters import FilterForm, PresentForm
from issues.models import PublicIssue
from issues.workflow import Layer
from tests import make

CITY = City(pk=1, slug="denpasar")


def form(query: str) -> FilterForm:
    return FilterForm(QueryDict(query), city=CITY)


def read(query: str, name: str):
    asked = form(query)
    assert asked.is_valid(), asked.errors
    return asked.cleaned_data[name]


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("", "layer", []), ("layer=", "layer", []), ("layer=,", "layer", []),
        ("layer=selesai,belum,belum", "layer", [Layer.WAITING, Layer.DONE]),
        ("overdue=", "overdue", None), ("overdue=1", "overdue", True),
        ("overdue=true", "overdue", True), ("overdue=0", "overdue", False),
        ("from=2026-03-10", "from", date(2026, 3, 10)), ("to=", "to", None),
        ("category=lpju-mati", "category", ["lpju-mati"]), ("category=", "category", []),
        ("category=b,,a,b", "category", ["a", "b"]),
        ("department=PUPR,DISHUB", "department", ["DISHUB", "PUPR"]),
        ("as_of=2026-03-10", "as_of", date(2026, 3, 10)), ("area=51.71.01", "area", "51.71.01"),
        ("bbox=", "bbox", None), ("bbox=1,2,3,4", "bbox", (1, 2, 3, 4)),
        ("bbox=-180,-90,180,90", "bbox", (-180, -90, 180, 90)), ("limit=3&after=x", "bbox", None),
    ],
)  # fmt: skip
def test_a_filter_is_read(query, name, value):
    assert read(query, name) == value


@pytest.mark.parametrize(
    "query",
    [
        "layer=Belum", "layer=0", "overdue=ya", "overdue=2", "from=1/2/2026", "to=kemarin",
        "category=a b", "category=a/b", "category=a,b c", "department=" + "1" * 61,
        "category=" + ",".join(map(str, range(201))), "as_of=kemarin",
        "as_of=2026-01-01&from=2025-01-01", "as_of=2026-01-01&to=2025-01-01",
        "from=2026-05-01&to=2026-01-01", "from=0001-01-01", "to=9999-12-31", "as_of=2099-01-01",
        "as_of=2026-01-01&overdue=1", "as_of=2026-01-01&overdue=0",
        "department=%00", "area=" + "1" * 61, "bbox=a,b,c,d",
        "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=nan,nan,nan,nan", "bbox=0,0,inf,1", "bbox=3,0,1,1",
        "bbox=0,3,1,1", "bbox=-181,0,1,1", "layers=belum", "Layer=belum", "category__in=a",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(query):
    assert not form(query).is_valid()


@given(st.dictionaries(st.sampled_from(["layer", "category", "from", "overdue", "bbox", "x"]),
                       st.text(max_size=40)))  # fmt: skip
def test_any_text_is_read_or_refused(values):
    query = QueryDict(mutable=True)
    query.update(values)

    asked = FilterForm(query, city=CITY)

    assert asked.is_valid() in {True, False}


@pytest.mark.django_db
def test_narrowing_asks_the_database_nothing(django_assert_num_queries):
    query = "layer=belum&category=a,d&department=b&area=c&from=2026-01-01&overdue=1&bbox=1,2,3,4"

    with django_assert_num_queries(0):
        asked = form(query)
        assert asked.is_valid()
        asked.rows(PublicIssue.objects.all())


def test_a_door_to_the_present_knows_no_past_day():
    asked = PresentForm(QueryDict("as_of=2026-01-01"), city=CITY)

    assert not asked.is_valid()


@pytest.fixture
def world():
    city = make.world()
    for code in ("lampu-redup", "lpju-mati"):
        kind = make.category(code)
        kind.parent = make.category("lpju")
        kind.save()
    return city


def chosen(query: str, city: City):
    asked = FilterForm(QueryDict(query), city=city)
    assert asked.is_valid(), asked.errors
    return asked.chosen


@pytest.mark.django_db
def test_all_codes_are_looked_up_in_one_statement(world, django_assert_num_queries):
    asked = chosen("category=lpju,layanan-lambat&department=DISHUB,X&area=1&layer=belum", world)

    with django_assert_num_queries(1):
        found = asked.resolved()

    keys = {
        make.category(code).pk for code in ("lpju", "lampu-redup", "lpju-mati", "layanan-lambat")
    }
    assert found.categories == keys
    assert found.departments == {make.department("DISHUB").pk}
    assert len(found.areas) == 3


@pytest.mark.django_db
def test_without_codes_nothing_is_looked_up(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert chosen("layer=belum&from=2026-01-01", world).resolved().categories is None


@pytest.mark.django_db
def test_a_code_that_nobody_has_chooses_nothing_rather_than_all(world):
    make.issue()
    found = chosen("category=tidak-ada", world).resolved()

    assert found.categories == frozenset()
    assert not found.rows(PublicIssue.objects.all()).exists()


@pytest.mark.django_db
def test_another_citys_codes_are_not_ours(world):
    other = make.city(slug="kota-lain", host="lain.example")
    make.category("lpju-mati", city=other)

    assert chosen("category=lpju-mati", world).resolved().categories == {
        make.category("lpju-mati").pk
    }
