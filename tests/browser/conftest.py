"""What every test in a browser needs."""

import os
import time

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.browser import offline
from tests.browser.citizen import HERE, PHONE
from tests.issues.conftest import queue

__all__ = ["queue"]

# Playwright keeps an event loop in the test's thread; our queries there are meant to wait.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# As long as Playwright waits for a page: no test here measures time, and the machine may be busy.
expect.set_options(timeout=30_000)


_AT_WORK = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""


@pytest.fixture(autouse=True)
def _answered(request):
    """Empty the tables only when the server has answered what the closed pages had still asked."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    patience = time.monotonic() + 10
    with connection.cursor() as cursor:
        while cursor.execute(_AT_WORK) or cursor.fetchone()[0]:
            if time.monotonic() > patience:
                break  # What is still open then, the flush waits for.
            time.sleep(0.05)


@pytest.fixture
def visit(browser, live_server):
    """Open pages of our own; whatever they complain of, or ask of strangers, fails the test."""
    contexts, complaints = [], []

    def open_(path="/lapor", **options):
        # What a service worker asks for, `page.route` does not see; its own tests let it in.
        options = {"service_workers": "block"} | options
        context = browser.new_context(base_url=live_server.url, locale="id-ID", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _bad(said) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if _foreign(asked) else None)
        page.goto(path)
        return page

    def _foreign(asked):
        return not asked.url.startswith((live_server.url, "data:", "blob:"))

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _bad(said):
    # A refusal by our own server, or a network that we cut, is what some tests are about.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def phone(visit):
    return visit(**PHONE, permissions=["geolocation"], geolocation=HERE)


@pytest.fixture(scope="session")
def stack(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), offline.served(tmp_path_factory.mktemp("kota")) as stack:
        yield stack


@pytest.fixture
def running(stack):
    """The stack, with its web server running and its reports counted from here."""
    if stack.processes["web"].poll() is not None:
        offline.start(stack)
    return stack


@pytest.fixture
def phones(playwright, tmp_path):
    made = []

    def buy(address):
        made.append(offline.Phone(playwright, tmp_path / f"profile{len(made)}", address))
        return made[-1]

    yield buy
    for phone in made:
        phone.close()


@pytest.fixture
def proxy(running):
    proxy = offline.Proxy(running.port)
    yield proxy
    proxy.close()
