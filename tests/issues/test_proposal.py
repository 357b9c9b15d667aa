"""A kind for everyday words: right when shown, silent when unsure, and no memory of anybody's."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geodata.models import City
from issues import actions, proposal, stems
from issues.errors import MissingDuty, NotPermitted, StaleIssue, StepNotAllowed, UnknownCategory
from issues.invariants import TRUTHS
from issues.models import Category, CategoryWord, Clock, Issue, PublicIssue
from issues.workflow import Role, Status, Step
from tests import make

SENTENCES = Path(__file__).parent.parent / "data" / "everyday_reports.tsv"
LEAST_PRECISION, LEAST_COVERAGE = 0.95, 0.6

pytestmark = pytest.mark.django_db


def labelled():
    lines = SENTENCES.read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@pytest.fixture
def denpasar():
    call_command("load_reference", "denpasar", verbosity=0)
    return City.objects.get(slug="denpasar")


# Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("berlubang", "lubangnya"), ("jalannya", "jln"), ("menumpuk", "numpuk"),
        ("pembakaran", "bakar"), ("luu", "sampah"), ("selokan", "got"), ("dipangkas", "pangkas"),
        ("semrawut", "semerawut"), ("Péteng", "gelap"), ("genangan", "tergenang"),
    ],
)  # fmt: skip
def test_relations_share_a_stem(one, other):
    assert stems.stems(one) == stems.stems(other)


@pytest.mark.parametrize(
    "text", ["", "12 34", "\u0000", "ᬩᬮᬶ", "🙂" * 50, "a" * 10_000, "x " * 9999]
)
def test_any_text_has_few_words(text):
    assert len(stems.stems(text)) <= stems.MOST


# The labelled sentences ----------------------------------------------------------------------


def test_what_is_proposed_is_right_and_most_is_proposed(denpasar):
    public = set(Category.objects.filter(confidential=False).values_list("service_code", flat=True))
    shown = [
        (code, found) for code, text in labelled() if (found := proposal.propose(text, denpasar))
    ]
    right = [code for code, found in shown if found.category.service_code == code]
    possible = [code for code, _text in labelled() if code in public]

    assert len(labelled()) >= 150
    assert len(right) / len(shown) >= LEAST_PRECISION
    assert len(right) / len(possible) >= LEAST_COVERAGE


def test_no_confidential_kind_is_ever_named(denpasar):
    secret = set(Category.objects.filter(confidential=True).values_list("pk", flat=True))

    for _code, text in labelled():
        found = proposal.propose(text, denpasar)
        assert found is None or found.category.pk not in secret


def test_words_of_no_kind_propose_nothing(denpasar):
    for code, text in labelled():
        assert code != "-" or proposal.propose(text, denpasar) is None


def test_a_typo_is_forgiven(denpasar):
    found = proposal.propose("smpah menumpuk di depan rumah, blm diangkut jg", denpasar)

    assert found.category.service_code == "sampah-tumpuk"


def test_the_door_tells_code_name_and_how_sure(client, denpasar):
    body = {"text": "lampu jalan mati total, gelap gulita"}
    answer = client.post("/api/proposal", body, content_type="application/json").json()

    assert answer["service_code"] == "lpju-mati"
    assert (answer["name"], answer["sure"] >= proposal.SURE) == ("Lampu jalan padam", True)


def test_the_door_says_null_when_unsure(client, denpasar):
    answer = client.post("/api/proposal", {"text": "tolong pak"}, content_type="application/json")

    assert answer.json() == {"service_code": None, "name": "", "sure": 0.0}


def test_a_proposal_costs_few_statements(client, denpasar):
    with CaptureQueriesContext(connection) as asked:
        client.post("/api/proposal", {"text": "got mampet"}, content_type="application/json")

    assert len(asked) <= 4


@pytest.mark.parametrize("wrong", [{}, {"text": None}, {"text": "x" * 4001}, {"text": ["a"]}])
def test_a_question_that_cannot_be_read_is_a_fault(client, denpasar, wrong):
    assert client.post("/api/proposal", wrong, content_type="application/json").status_code == 400


# Another kind --------------------------------------------------------------------------------


@pytest.fixture
def town():
    of = make.world()
    make.rule("jalan", to="PUPR", service_code="jalan")
    slow, _created = Clock.objects.get_or_create(
        city=of, code="lambat", defaults={"target_days": 9}
    )
    make.category("jalan-rusak", clock=slow)
    return of


def other(code="jalan-rusak"):
    return Category.objects.get(service_code=code)


def classify(issue, code="jalan-rusak", **fields):
    values = {"actor": make.user(Role.DISPATCHER), "version": None}
    return actions.classify(issue.pk, other(code), **(values | fields))


def test_another_kind_goes_another_way_with_other_clocks(town):
    issue = make.issue()

    found = classify(issue)

    assert (found.department.code, found.status) == ("PUPR", Status.ASSIGNED)
    assert found.due_at > issue.due_at
    assert found.received_at == issue.received_at
    assert [one.step for one in found.events.all()][-2:] == [Step.CLASSIFY, Step.ASSIGN]
    assert PublicIssue.objects.get(pk=issue.pk).category.service_code == "jalan-rusak"


def test_a_kind_that_waits_for_a_person_goes_back_to_triage(town):
    found = classify(make.issue(), "layanan-lambat")

    assert (found.department, found.status) == (None, Status.SUBMITTED)


def test_what_is_classified_breaks_no_truth(town):
    classify(make.issue(answers={"jumlah": 3}))
    classify(make.issue(), "layanan-lambat")

    assert not [one for truth in TRUTHS for one in truth.find(None)]


def test_answers_to_the_old_kind_are_kept_in_the_event(town):
    found = classify(make.issue(answers={"jumlah": 3}))

    assert found.answers == {}
    assert found.events.get(step=Step.CLASSIFY).data["answers"] == {"jumlah": 3}


def test_confidential_only_widens(town):
    Category.objects.filter(service_code="jalan-rusak").update(confidential=True)
    secret = classify(make.issue())
    assert secret.confidential
    assert not PublicIssue.objects.filter(pk=secret.pk).exists()

    again = classify(secret, "lpju-mati")
    assert again.confidential


def test_a_held_report_stays_held_and_unowned(town):
    found = classify(make.issue(held=True))

    assert (found.held, found.department) == (True, None)
    assert not CategoryWord.objects.exists()


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"version": 99}, StaleIssue), ({"code": "lpju-mati"}, MissingDuty)],
)
def test_what_cannot_be_is_refused(town, fields, error):
    with pytest.raises(error):
        classify(make.issue(), **fields)


def test_only_a_dispatcher_and_only_before_the_work(town):
    issue = make.issue()
    with pytest.raises(NotPermitted):
        classify(issue, actor=make.user(Role.LIAISON, department=issue.department))
    with pytest.raises(StepNotAllowed):
        classify(make.issue(steps=[Step.START]))


def test_a_kind_of_another_city_or_with_kinds_below_is_none(town):
    make.category("induk")
    Category.objects.filter(service_code="jalan-rusak").update(parent=other("induk"))

    with pytest.raises(UnknownCategory):
        classify(make.issue(), "induk")


# Learning ------------------------------------------------------------------------------------


def counts(code):
    rows = CategoryWord.objects.filter(category__service_code=code, count__gt=0)
    return dict(rows.values_list("word", "count"))


def review(issue):
    subject = Issue.objects.get(pk=issue.pk)
    return actions.review(
        subject.pk, actor=make.user(Role.DISPATCHER), version=None, public_text="", released=()
    )


def test_a_review_teaches_the_words_once(town):
    issue = make.issue()
    review(issue)
    review(issue)

    assert set(counts("lpju-mati").values()) == {1}


def test_verifying_teaches_too(town):
    make.issue(service_code="layanan-lambat", steps=[Step.VERIFY])

    assert counts("layanan-lambat")


def test_another_kind_takes_back_what_was_learned(town):
    issue = make.issue()
    review(issue)

    classify(issue)

    assert not counts("lpju-mati")
    assert counts("jalan-rusak")


def test_no_word_that_is_not_the_citys_own_can_be_read(town):
    review(make.issue(description="Lampu dekat rumah Ketut Sudarsana mati, hubungi 081234567890"))

    stored = set(counts("lpju-mati"))

    assert "sudarsana" not in " ".join(stored)
    assert all(word in proposal.lexicon_of(town).stems or word[0] == "#" for word in stored)


def test_one_report_cannot_be_found_out_by_asking(town):
    lonely = "zarkasih"
    for _each in range(proposal.LEAST_REPORTS - 1):
        review(make.issue(description=f"{lonely} sekali"))
    assert proposal.rank(lonely, town) == []

    review(make.issue(description=f"{lonely} sekali"))
    assert proposal.rank(lonely, town)[0].category.service_code == "lpju-mati"


def test_confidential_words_teach_nothing(town):
    review(make.issue(confidential=True))

    assert not CategoryWord.objects.exists()


def test_staff_corrections_improve_the_proposal(town):
    words = "dagdagdug depan balai"
    assert proposal.propose(words, town) is None

    for _each in range(12):
        classify(make.issue(description=words))

    assert proposal.propose(words, town).category.service_code == "jalan-rusak"


# The desk ------------------------------------------------------------------------------------


def test_the_dispatcher_changes_the_kind_on_a_page(client, town):
    issue = make.issue()
    client.force_login(make.user(Role.DISPATCHER))
    page = client.get(f"/kerja/laporan/{issue.number}/jenis")

    sent = {"service_code": "jalan-rusak", "version": page.context["form"]["version"].value()}
    answer = client.post(f"/kerja/laporan/{issue.number}/jenis", sent)

    assert answer.url == f"/kerja/laporan/{issue.number}"
    assert Issue.objects.get(pk=issue.pk).category.service_code == "jalan-rusak"


def test_a_choice_on_an_old_page_comes_back(client, town):
    issue = make.issue()
    client.force_login(make.user(Role.DISPATCHER))

    answer = client.post(
        f"/kerja/laporan/{issue.number}/jenis", {"service_code": "jalan-rusak", "version": 0}
    )

    assert answer.status_code == 409
    assert answer.context["form"]["service_code"].value() == "jalan-rusak"


def test_the_case_page_leads_there_and_has_no_second_button(client, town):
    issue = make.issue()
    client.force_login(make.user(Role.DISPATCHER))

    page = client.get(f"/kerja/laporan/{issue.number}").content.decode()

    assert f"/kerja/laporan/{issue.number}/jenis" in page
    assert 'value="classify"' not in page


# A place that was blurred --------------------------------------------------------------------


@pytest.fixture
def quarrel(town):
    make.category("tetangga-ribut", exact_place=False, fast_lane=False)
    return make.issue(service_code="tetangga-ribut")


def shown(issue):
    row = PublicIssue.objects.get(pk=issue.pk)
    return row.point.coords, row.received_at


def test_a_blurred_place_stays_blurred_unless_somebody_says_that_it_may_be_seen(quarrel):
    before = shown(quarrel)

    with pytest.raises(MissingDuty, match="exact"):
        classify(quarrel)

    assert shown(quarrel) == before
    assert Issue.objects.get(pk=quarrel.pk).category.service_code == "tetangga-ribut"


def test_who_says_so_is_remembered(quarrel):
    found = classify(quarrel, exact=True)

    assert shown(found)[0] == pytest.approx(found.point.coords)
    assert found.events.get(step=Step.CLASSIFY).data["exact"] is True


def test_a_tick_is_asked_for_only_where_it_shows_more(client, town, quarrel):
    make.category("warung-ribut", exact_place=False, fast_lane=False)
    address = f"/kerja/laporan/{quarrel.number}/jenis"
    client.force_login(make.user(Role.DISPATCHER))
    sent = {"version": quarrel.version}

    refused = client.post(address, sent | {"service_code": "jalan-rusak"})
    kept = client.post(address, sent | {"service_code": "warung-ribut"})

    assert (refused.status_code, kept.status_code) == (422, 302)
    assert refused.context["form"].errors.keys() == {"exact"}
    assert "Tempat tepat boleh publik" in refused.content.decode()


def test_a_ticked_kind_is_taken(client, quarrel):
    address = f"/kerja/laporan/{quarrel.number}/jenis"
    client.force_login(make.user(Role.DISPATCHER))

    client.post(address, {"version": quarrel.version, "service_code": "jalan-rusak", "exact": "on"})

    assert Issue.objects.get(pk=quarrel.pk).category.service_code == "jalan-rusak"


def test_nothing_is_asked_of_what_was_exact_already(client, town):
    issue = make.issue()
    client.force_login(make.user(Role.DISPATCHER))

    page = client.get(f"/kerja/laporan/{issue.number}/jenis")

    assert "exact" not in page.context["form"].fields


# Memory and time -----------------------------------------------------------------------------


def test_what_strangers_type_is_not_kept_for_ever():
    for number in range(stems.REMEMBERED + 500):
        stems.stem("".join(chr(97 + int(digit)) for digit in f"{number:07}") + "xyz")

    assert stems._affixes.cache_info().currsize <= stems.REMEMBERED


def test_of_many_strange_words_the_first_are_compared(denpasar):
    strange = [f"zq{chr(97 + n // 26)}{chr(97 + n % 26)}xw" for n in range(proposal.MOST_STRANGE)]

    lexicon = proposal.lexicon_of(denpasar)

    assert "lampu" not in proposal._known([*strange, "lamppu"], lexicon)
    assert "lampu" in proposal._known([*strange[1:], "lamppu"], lexicon)


def test_the_nearest_word_is_the_one_that_comparing_with_all_would_find(denpasar):
    vocabulary = proposal.lexicon_of(denpasar).stems

    for stem in ("lamppu", "selokn", "sampahh", "trotoarr", "qqqq"):
        best = max(vocabulary, key=lambda one: (stems.likeness(stem, one), one))
        likeness = stems.likeness(stem, best)
        found = proposal._nearest(stem, vocabulary)
        assert found == ((best, likeness) if likeness else ("", 0.0))
