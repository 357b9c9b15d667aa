"""Log-in with Google: a verified address opens the citizen's door, and no other."""

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.messages import get_messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import RequestFactory

from issues.accounts import CITIZEN
from issues.models import User
from issues.views import google
from issues.workflow import Role
from tests import make

pytestmark = pytest.mark.django_db
EMAIL = "wayan@warga.example"


@pytest.fixture(autouse=True)
def _world():
    make.world()


@pytest.fixture
def back():
    """A browser that Google has sent back to us."""
    request = RequestFactory().get("/akun/google/login/callback/")
    for middleware in (SessionMiddleware, MessageMiddleware):
        middleware(lambda request: None).process_request(request)
    return request


def named(email=EMAIL, *, verified=True):
    return [EmailAddress(email=email, verified=verified, primary=True)]


def is_in(request):
    return "_auth_user_id" in request.session


def test_a_verified_address_opens_a_citizens_session(back):
    response = google.entered(back, named("Wayan@Warga.example"))

    assert response.url == "/saya"
    assert back.session[CITIZEN] is True
    assert User.objects.get().email == EMAIL


def test_it_is_the_account_that_the_code_opens(back):
    user = make.user()

    google.entered(back, named(user.email.upper()))

    assert back.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == 1


@pytest.mark.parametrize("addresses", [[], named(verified=False)])
def test_what_google_has_not_verified_opens_nothing(back, addresses):
    response = google.entered(back, addresses)

    assert response.url == "/masuk"
    assert not is_in(back)
    assert list(get_messages(back))
    assert not User.objects.exists()


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR])
def test_staff_keep_their_password(back, role):
    colleague = make.user(role)

    response = google.entered(back, named(colleague.email))

    assert response.url == "/akun/login/"
    assert not is_in(back)


def test_who_runs_the_site_keeps_their_password(back):
    boss = make.user(is_superuser=True)

    google.entered(back, named(boss.email))

    assert not is_in(back)


def test_a_closed_account_stays_closed(back):
    gone = make.user(is_active=False)

    google.entered(back, named(gone.email))

    assert not is_in(back)


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_the_way_onward_stays_with_us(back, onward):
    assert google.entered(back, named(), onward=onward).url == "/saya"


def test_whoever_was_on_the_way_somewhere_comes_there(back):
    assert google.entered(back, named(), onward="/lapor").url == "/lapor"


def test_allauth_itself_opens_no_account_and_connects_none(back):
    class Named:
        state = {"next": "/lapor", "process": "connect"}
        email_addresses = named()

    adapter = google.Google(back)
    with pytest.raises(ImmediateHttpResponse) as ended:
        adapter.pre_social_login(back, Named())

    assert ended.value.response.url == "/lapor"
    assert not adapter.is_open_for_signup(back, Named())
    assert isinstance(adapter, DefaultSocialAccountAdapter)


def test_google_is_called_by_the_operators_proxy(back, settings):
    settings.OUTGOING_PROXY = "proxy.kota.example:3128"

    session = google.Google(back).get_requests_session()

    assert session.proxies == {"https": "http://proxy.kota.example:3128"}


def test_without_a_key_nothing_of_it_is_there(client, settings):
    page = client.get("/masuk")

    assert "Google" not in page.content.decode()
    assert "google" not in page.headers["Content-Security-Policy"]
    assert client.post("/akun/google/login/").status_code == 404
    assert "allauth.socialaccount" not in settings.INSTALLED_APPS
