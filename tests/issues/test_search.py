"""Public reports found by words: numbers, streets, kinds, stems, typos; never what is hidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from issues import actions, search
from issues.models import Category, Issue, PublicDetail, PublicIssue
from issues.publication import publish
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def city():
    of = make.world()
    lamp = make.category("lpju", name="Lampu jalan", keywords=["penerangan jalan"])
    Category.objects.filter(service_code="lpju-mati").update(
        parent=lamp, name="Lampu jalan padam", name_en="Street lamp out", keywords=["lampu mati"]
    )
    make.category("sampah", name="Sampah", keywords=["sampah numpuk"])
    return of


def report(place="", text="", **fields):
    """A public report with a reviewed text, on a street."""
    found = make.issue(**fields)
    Issue.objects.filter(pk=found.pk).update(place=place)
    actions.review(
        found.pk,
        actor=make.user(Role.DISPATCHER),
        version=None,
        public_text=text,
        released=(),
    )
    return Issue.objects.get(pk=found.pk)


def listed(client, words, **filters):
    answer = client.get(
        "/laporan", {"cari": words, **filters}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 200, answer.content
    return [one["number"] for one in answer.json()["items"]]


# What is found -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{n}", "{l}", "DPS {y} {s}", "dps-{y}-{s}", "{y} {s}", "{s}"])
def test_a_number_is_found_however_it_is_written(client, form):
    make.issue()
    wanted = make.issue().number
    _prefix, year, last = wanted.split("-")

    words = form.format(n=wanted, l=wanted.lower(), y=year, s=int(last))

    assert listed(client, words) == [wanted]


@pytest.mark.parametrize(
    "words", ["gunung agung", "Jl. Gunung Agung", "jln gunung agung", "agung gunung", "gunung ag"]
)
def test_a_street_is_found_by_its_name_and_the_beginning_of_its_words(client, words):
    there = report("Jalan Gunung Agung, Desa Pemecutan")
    report("Jalan Teuku Umar, Desa Dauh Puri")

    assert listed(client, words) == [there.number]


@pytest.mark.parametrize("words", ["berlubang", "lubang", "lubangnya"])
def test_words_are_found_by_their_indonesian_stem(client, words):
    hole = report(text="Trotoar berlubang di depan balai")
    report(text="Sampah di sungai")

    assert listed(client, words) == [hole.number]


@pytest.mark.parametrize("words", ["sampah", "numpuk", "SAMPAH numpuk"])
def test_a_kind_is_found_by_its_name_and_its_everyday_words(client, words):
    make.issue()
    waste = make.issue(service_code="sampah")

    assert listed(client, words) == [waste.number]


def test_words_of_a_kind_and_of_a_place_are_both_obeyed(client):
    there = report("Jalan Gunung Agung")
    report("Jalan Teuku Umar")
    report("Jalan Gunung Agung", service_code="sampah")

    assert listed(client, "lampu mati gunung agung") == [there.number]


@pytest.mark.parametrize(
    "words", ["gatot subrto", "gatod subroto", "gatotsubroto", "jaln gatot subrto"]
)
def test_what_is_misspelt_finds_what_is_alike_and_says_so(client, words):
    there = report("Jalan Gatot Subroto, Desa Tonja")

    page = client.get("/laporan", {"cari": words})

    assert [card.number for card in page.context["cards"]] == [there.number]
    assert page.context["alike"]


def test_a_house_number_counts_where_only_the_like_is_found(client):
    tenth = report("Jalan Raya Sesetan 10, Desa Sesetan")
    report("Jalan Raya Sesetan 100, Desa Sesetan")
    report("Jalan Raya Sesetan, Desa Sesetan")

    assert listed(client, "sesetn 10") == [tenth.number]
    assert listed(client, "sesetn 11") == []


def test_a_script_of_bali_is_found(client):
    there = report(text="ᬚᬮᬦ᭄ ᬭᬸᬲᬓ᭄")

    assert listed(client, "ᬚᬮᬦ᭄") == [there.number]


def test_the_place_comes_before_the_words_and_these_before_the_kind(client):
    kind = make.issue(service_code="sampah")
    text = report(text="Ada sampah di got")
    place = report("Jalan Sampah")

    assert listed(client, "sampah") == [place.number, text.number, kind.number]


def test_other_filters_narrow_what_is_found(client):
    there = report("Jalan Gunung Agung")
    report("Jalan Gunung Agung", service_code="sampah")

    assert listed(client, "gunung agung", category="lpju-mati") == [there.number]


# Page, count, paging -------------------------------------------------------------------------


def test_the_page_counts_what_was_found_and_keeps_the_words(client):
    report("Jalan Gunung Agung")
    make.issue()

    page = client.get("/laporan", {"cari": "gunung agung"})

    assert page.context["totals"].total == 1
    assert 'value="gunung agung"' in page.content.decode()


def test_nothing_found_is_said_kindly_and_something_else_proposed(client):
    page = client.get("/laporan", {"cari": "qwertyuiop"}).content.decode()

    assert "Tidak ada laporan untuk “qwertyuiop”." in page
    assert 'href="/lapor"' in page


def test_pages_follow_each_other_without_gap_or_repetition(client, monkeypatch):
    monkeypatch.setattr("issues.views.listing.PAGE", 2)
    all_of_them = [report("Jalan Gunung Agung", text="agung" * n).number for n in range(5)]
    all_of_them.append(report("Desa Sanur", "Dekat Gunung Agung").number)

    found, address = [], "/laporan?cari=gunung+agung"
    while address:
        answer = client.get(address, headers={"accept": "application/json"}).json()
        found += [one["number"] for one in answer["items"]]
        address = answer["next"]

    assert sorted(found) == sorted(all_of_them)
    assert found[-1] == all_of_them[-1]


@pytest.mark.parametrize("after", ["x", "fA==", "MSAyMDI2fERQUw==", "OSB4fERQUw=="])
def test_a_key_that_is_none_is_refused(client, after):
    make.issue()
    answer = client.get("/laporan", {"cari": "lampu", "after": after})

    assert answer.status_code == 400


def test_a_past_day_has_no_words(client):
    answer = client.get("/laporan", {"cari": "lampu", "as_of": "2026-01-01"})

    assert answer.status_code == 400


def test_the_map_takes_no_words(client):
    assert client.get("/", {"cari": "lampu"}).status_code == 400


def test_the_nearest_of_what_was_found_come_first(client):
    far = report("Jalan Gunung Agung", lat=make.LAT + 0.015)
    near = report("Jalan Gunung Agung", lat=make.LAT + 0.001)

    found = listed(client, "gunung agung", near=f"{make.LAT},{make.LON + 0.01}")

    assert found == [near.number, far.number]


def test_the_api_finds_the_same(client):
    there = report("Jalan Gunung Agung")
    make.issue(service_code="sampah")

    answer = client.get("/api/issues", {"q": "gunung agung"}).json()

    assert [one["id"] for one in answer["features"]] == [there.number]


# Never what is not public --------------------------------------------------------------------


@pytest.mark.parametrize("secretly", ["hidden", "held", "confidential"])
@pytest.mark.parametrize("words", ["gunung agung", "rahasia", "lampu", "gunnung agungg"])
def test_what_is_not_public_changes_no_byte(client, words, secretly):
    report("Jalan Gunung Agung", "lampu")
    asked = {"cari": words}
    without = client.get("/laporan", asked, headers={"accept": "application/json"}).content
    secret = report("Jalan Gunung Agung", "rahasia sekali lampu gunnung")
    Issue.objects.filter(pk=secret.pk).update(**{secretly: True})
    publish(Issue.objects.get(pk=secret.pk))

    answer = client.get("/laporan", asked, headers={"accept": "application/json"})

    assert answer.content == without


def test_unreviewed_words_are_not_found(client):
    make.issue(description="Dekat rumah Ketut Zarkasih lampunya mati")

    assert listed(client, "zarkasih") == []


NASTY = [
    "'", "\\", "a & b", "!a", "a | !b", "(a", "a:*", "a <-> b", "%", "_", "'; DROP TABLE x;--",
    "\u202e", "é", "🙂", "a\nb", "x" * 121, ":*A", "'':*", "1 OR 1=1", "\ufffe", "-", "0", "00-00",
    "999999999999", "9" * 120, "ab " * 40,
]  # fmt: skip


@pytest.mark.parametrize("words", NASTY)
def test_no_text_breaks_the_search(client, words):
    for address, name in (("/laporan", "cari"), ("/api/issues", "q")):
        answer = client.get(address, {name: words}, headers={"accept": "application/json"})
        assert answer.status_code == (400 if len(words) > search.LONGEST else 200)


# What it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["gunung agung", "lampu mati", "gunnung agungg"])
def test_a_search_costs_few_statements(client, words):
    report("Jalan Gunung Agung")

    with CaptureQueriesContext(connection) as asked:
        client.get("/laporan", {"cari": words})

    assert len(asked) <= 8


CROWD = """
INSERT INTO issues_issue
SELECT (jsonb_populate_record(one, jsonb_build_object(
    'id', n, 'uuid', gen_random_uuid(), 'number', 'X-' || n, 'token_hash', md5(n::text)
))).*
FROM issues_issue AS one, GENERATE_SERIES(1000000, 1000000 + %(many)s) AS n
WHERE one.id = %(issue)s;
INSERT INTO issues_publicdetail
    (issue_id, city_id, number, original, text, place, route, route_en, status, timeline)
SELECT n, %(city)s, 'X-' || n, '', 'laporan nomor ' || n, 'Jalan ' || md5((n / 50)::text),
    '', '', 'assigned', '[]'
FROM GENERATE_SERIES(1000000, 1000000 + %(many)s) AS n;
INSERT INTO issues_publicissue
    (issue_id, city_id, number, category_id, layer, overdue, day, received_at, changed_at)
SELECT n, %(city)s, 'X-' || n, %(kind)s, 0, false, now(), now(), now()
FROM GENERATE_SERIES(1000000, 1000000 + %(many)s) AS n;
SELECT gin_clean_pending_list('public_page_by_word'),
    gin_clean_pending_list('public_page_by_letters');
ANALYZE issues_publicdetail, issues_publicissue;
"""


def test_in_a_crowd_no_page_is_read_that_does_not_hold_the_words():
    of = make.city()
    one = make.issue()
    params = {"city": of.pk, "issue": one.pk, "kind": one.category_id, "many": 20_000}
    with connection.cursor() as cursor:
        cursor.execute(CROWD, params)
    rows = PublicIssue.objects.filter(city=of)
    kinds = list(Category.objects.all())

    for words in ("gunung agung", "lampu mati gunung agung", "gunnung agungg"):
        asked = search.wanted(words, of, kinds)
        exact, alike = search.narrow(rows, asked).explain(), search.alike(rows, asked).explain()
        assert "public_page_by_word" in exact
        assert "public_page_by_letters" in alike
        assert "Seq Scan on issues_publicdetail" not in exact + alike


def test_fsck_and_publishing_leave_the_generated_columns_alone():
    there = report("Jalan Gunung Agung")
    make.take(there, Step.COMMENT)

    assert PublicDetail.objects.filter(pk=there.pk, words__contains="gunung").exists()


def test_whoever_types_a_page_number_is_told_how_to_go_on(client):
    page = client.get("/laporan?page=999")

    assert page.status_code == 400
    assert "Tampilkan lebih banyak" in page.content.decode()


def test_beside_words_stand_no_counts_of_all_reports(client):
    report(place="Jalan Melati")
    report(place="Jalan Kamboja")

    found = client.get("/laporan", {"cari": "melati"}).content.decode()

    assert "legend__row" in found
    assert "legend__count" not in found
    assert "legend__count" in client.get("/laporan").content.decode()
