"""A look-alike is nobody: every place where a mail address opens something compares one way."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory

from issues import actions, addresses
from issues.addresses import Address, Kind
from issues.forms.follow import FollowForm
from issues.forms.report import ReportForm
from issues.forms.track import ContactForm
from issues.models import Reporter, Subscriber, User, bears
from issues.views import google
from tests import make

SUSI = "susi@gmail.com"
LOOK_ALIKES = ["susi@gma\u0131l.com", "\u017fusi@gmail.com"]


@pytest.mark.parametrize("address", [*LOOK_ALIKES, "süsi@gmail.com", "susi@bücher.example"])
def test_an_address_with_letters_beyond_ascii_is_refused(address):
    with pytest.raises(ValidationError, match="huruf a sampai z"):
        addresses.read(address)


def test_an_ordinary_address_is_written_in_small_letters():
    assert addresses.read(" Susi@Gmail.com ") == Address(Kind.EMAIL, SUSI)


@pytest.mark.django_db
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_the_code_of_a_look_alike_opens_nobodys_account(client, address):
    make.world()
    actions.connect(User(username="susi"), Address(Kind.EMAIL, SUSI))

    answer = client.post("/masuk", {"alamat": address})

    assert (answer.status_code, mail.outbox) == (422, [])
    assert actions.account_at(Address(Kind.EMAIL, address)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_an_account_of_a_look_alike_claims_no_report(address):
    found = make.issue()
    Reporter.objects.filter(pk=found.pk).update(email=SUSI)
    other = make.user()
    User.objects.filter(pk=other.pk).update(email=address)
    other.refresh_from_db()

    assert actions.claim_proved(other) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_a_look_alike_is_another_subscriber(address):
    city = make.world()
    susi = actions.subscriber_at(SUSI, city)

    assert actions.subscriber_at("SUSI@gmail.com", city) == susi
    assert actions.subscriber_at(address, city) != susi


@pytest.mark.django_db
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_google_opens_no_account_of_a_look_alike(client, address):
    make.world()
    actions.connect(User(username="susi"), Address(Kind.EMAIL, SUSI))
    request = RequestFactory().get("/")
    request.session, request._messages = client.session, _Messages()

    answer = google.entered(request, [EmailAddress(email=address, verified=True)])

    assert answer.url == "/masuk"
    assert "_auth_user_id" not in request.session


class _Messages(list):
    """Where messages go outside a browser."""

    def add(self, _level, message, _tags):
        self.append(message)


@pytest.mark.django_db
@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_no_form_takes_a_look_alike(address):
    city = make.world()
    forms = (
        (FollowForm({"surel": address}, city=city), "surel"),
        (ReportForm({"email": address}, city=city), "email"),
        (ContactForm({"email": address}), "email"),
    )

    for form, field in forms:
        assert "huruf a sampai z" in str(form.errors[field])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "index"),
    [
        (User, "user_email_is_unique"),
        (Reporter, "reporter_by_email"),
        (Subscriber, "subscriber_email_is_unique"),
    ],
)
def test_an_address_is_found_by_its_index(model, index):
    rows = model.objects.filter(bears("Susi@Gmail.com"))
    if model is Subscriber:
        rows = rows.filter(city=1)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in rows.explain()
