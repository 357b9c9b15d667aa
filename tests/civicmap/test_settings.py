"""What a deployment must be: the checks, and a start that is refused."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks.registry import registry

from civicmap import deployment

KEY = "kunci-uji-yang-cukup-panjang-dan-beragam-0123456789-abcdefghij"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "DATABASE_URL", "HOME") if name in os.environ
    }
    values = {**kept, "DJANGO_SETTINGS_MODULE": "civicmap.settings", "SECRET_KEY": KEY}
    return subprocess.run(
        [sys.executable, *command],
        env=values | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_secure_deployment_passes_djangos_own_checks():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", SECURE="true")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"SECRET_KEY": "rahasia"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY can be guessed"),
        ({"PRIVACY_KEY": "x"}, "PRIVACY_KEY can be guessed"),
        ({"TRACKING_KEYS": "1=x"}, "TRACKING_KEYS[1] can be guessed"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    ],
)
def test_the_web_server_does_not_start_in_the_open_with_what_is_weak(wrong, said):
    done = run("-c", "import civicmap.wsgi", SECURE="true", **wrong)

    assert done.returncode != 0
    assert said in done.stderr


def test_on_a_machine_of_ones_own_it_starts():
    assert run("-c", "import civicmap.wsgi", SECRET_KEY="dev").returncode == 0


def test_without_a_key_nothing_starts():
    done = run("-c", "import civicmap.wsgi", SECRET_KEY="")

    assert done.returncode != 0


@pytest.mark.parametrize(
    ("key", "weak"),
    [
        ("", True),
        ("a" * 60, True),
        ("django-insecure-" + KEY, True),
        (KEY[:49], True),
        (KEY, False),
    ],
)
def test_a_key_is_long_varied_and_no_example(key, weak):
    assert deployment.is_weak(key) == weak


def test_all_checks_of_the_house_are_registered():
    homes = {check.__module__ for check in registry.get_checks()}

    assert {"civicmap.checks", "civicmap.deployment", "issues.checks"} <= homes


GOOGLE = {"GOOGLE_CLIENT_ID": "kunci.apps.example", "GOOGLE_CLIENT_SECRET": "rahasia"}
ASK_GOOGLE = """
import django
django.setup()
from django.test import Client
from django.urls import get_resolver, reverse
from civicmap.policy import GOOGLE, POLICY
from tests.civicmap.test_policy import OURS, PACKAGES
unknown = {name for name in OURS if name not in POLICY and not name.startswith(PACKAGES)}
assert set(POLICY) <= set(OURS), set(POLICY) - set(OURS)
assert set(GOOGLE) <= set(POLICY)
assert {name.partition("_")[0] for name in unknown} <= {"google", "socialaccount", ""}, unknown
print(reverse("google_callback"))
"""


def test_with_a_key_of_google_the_app_starts_and_every_door_of_it_is_in_the_table():
    checked = run("manage.py", "check", "--fail-level", "WARNING", **GOOGLE)
    planned = run("manage.py", "migrate", "--plan", **GOOGLE)
    doors = run("-c", ASK_GOOGLE, **GOOGLE)

    assert checked.returncode == 0, checked.stderr
    assert planned.returncode == 0, planned.stderr
    assert doors.stdout.strip() == "/akun/google/login/callback/", doors.stderr


@pytest.mark.parametrize("missing", sorted(GOOGLE))
def test_half_a_key_of_google_opens_nothing(missing):
    half = {name: value for name, value in GOOGLE.items() if name != missing}

    done = run("manage.py", "showmigrations", "socialaccount", **half)

    assert done.returncode != 0
    assert "No installed app" in done.stderr
