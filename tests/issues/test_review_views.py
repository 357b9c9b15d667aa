"""The review: which words and photos become public, and the black boxes over a photo."""

from uuid import uuid4

import pytest
from django.urls import reverse

from issues import actions
from issues.models import Issue, Photo, PublicDetail, PublicPhoto
from issues.privacy import MASK
from issues.workflow import Role, Step
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
    assert office.words(page).count("<mark>0812-3456-7890</mark>") == 3
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


def boxes(photo, *rows, total=8):
    version = office.fresh(photo.issue).version
    data = {"version": version, "box-TOTAL_FORMS": total, "box-INITIAL_FORMS": 0}
    for at, row in enumerate(rows):
        data |= {f"box-{at}-{side}": value for side, value in zip("xywh", row, strict=True)}
    return data


def test_numbers_black_out_a_part_of_a_photo(desk):
    photo = office.photo(make.issue())
    old = reverse("staff-photo", args=[photo.pk, 0, "large"])

    response = desk.post(
        reverse("redact", args=[photo.pk]), boxes(photo, (10, 20, 30, 40), ("", "", "", ""))
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

    response = desk.post(reverse("redact", args=[photo.pk]), boxes(photo, *rows))

    photo.refresh_from_db()
    assert response.status_code == 422
    assert 'class="error-summary"' in office.words(response)
    assert photo.generation == 0


def test_a_box_over_the_edge_is_cut_at_the_edge(desk):
    photo = office.photo(make.issue())

    desk.post(reverse("redact", args=[photo.pk]), boxes(photo, (90, 90, 50, 50)))

    [box] = photo.issue.events.last().data["boxes"]
    assert box == pytest.approx([0.9, 0.9, 0.1, 0.1])


def test_what_was_typed_and_ticked_waits_while_a_photo_is_blacked_out(desk):
    issue = make.issue(description=WORDS)
    photo, other = office.photo(issue), office.photo(issue)
    offered = ["Ketut Suarjana", "0812-3456-7890"]
    typed = {"public_text": f"{WORDS} Sudah diringkas.", "photos": [other.pk], "offered": offered}

    aside = look(desk, issue, redact=photo.pk, mask=offered[1:], **typed)
    desk.post(aside.url, boxes(photo, (10, 10, 20, 20)))
    page = desk.get(reverse("review", args=[issue.number]))

    form = page.context["form"]
    assert aside.url == reverse("redact", args=[photo.pk])
    assert "Sudah diringkas." in office.words(page)
    assert form.masked == {offered[1]}
    assert form.released == {str(other.pk)}
    assert page.context["since"] == []
    assert office.fresh(issue).reviewed_at is None


def test_after_the_release_nothing_of_it_waits_any_more(desk):
    issue = make.issue()
    photo = office.photo(issue)
    look(desk, issue, redact=photo.pk, public_text="Lampu mati di tikungan.")

    look(desk, issue, public_text="Lampu mati.")

    page = desk.get(reverse("review", args=[issue.number]))
    assert "di tikungan" not in office.words(page)


def test_what_others_did_meanwhile_is_told_beside_the_waiting_words(desk):
    issue = make.issue()
    look(desk, issue, redact=office.photo(issue).pk, public_text="Lampu mati di tikungan.")
    make.take(issue, Step.NOTE, note="Sudah ditelepon.")

    page = office.words(desk.get(reverse("review", args=[issue.number])))

    assert "Lampu mati di tikungan." in page
    assert "Sudah ditelepon." in page


def test_a_photo_of_another_issue_is_not_blacked_out_from_here(desk):
    issue, elsewhere = make.issue(), office.photo(make.issue())

    assert look(desk, issue, redact=elsewhere.pk).status_code == 404


def test_the_public_is_told_while_no_photo_of_the_repair_is_released(desk, client):
    issue = make.issue(steps=[Step.RESOLVE])
    after = office.photo(issue, kind=Photo.Kind.AFTER, actor=make.user(Role.DISPATCHER))
    address = reverse("issue", args=[issue.number])
    waiting = office.words(client.get(address))

    look(desk, issue, photos=[after.pk])

    assert "Belum ada foto sesudah perbaikan" in waiting
    assert "Belum ada foto sesudah perbaikan" not in office.words(client.get(address))
