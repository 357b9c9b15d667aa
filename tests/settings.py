"""Settings of the tests: the app's own, with mail in memory and files in a folder of this run."""

import importlib
import os
import sys
import tempfile

RUN = f"{tempfile.gettempdir()}/civicmap-tests-{os.getpid()}"
"""The folder of this run; whoever writes first makes it, and `conftest` takes it away."""

os.environ.setdefault("SECRET_KEY", "a key for tests only, as long as the checks ask for")
os.environ.setdefault("DATABASE_URL", "postgis:///civicmap")
if "mypy" in sys.modules:
    # Its Django plugin has met psycopg 3 already; no query is made there, so the driver may stay.
    importlib.import_module("django.db.backends.postgresql.base")
# The gate speaks with the voice of a real deployment; tests call the server by plain HTTP.
os.environ.update(
    SECURE="false",
    DEMO="false",
    ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    MEDIA_ROOT=f"{RUN}/media",
    STATIC_ROOT=f"{RUN}/static",
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    # Every sender pays, and cheaply; that many pay more and wait is a test of its own.
    EFFORT="50",
    EFFORT_PER_DEVICE="100000",
    EFFORT_PER_LINE="100000",
    # Making and dropping the test database takes its time on a busy machine.
    DATABASE_OPTIONS="-c statement_timeout=120s -c lock_timeout=5s",
)

from civicmap.settings import *  # noqa: E402, F403 - after the environment that it reads

# Argon2 is slow on purpose; a test of its own proves that the app uses it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Pages name their files plainly: hashing them all takes half a minute, and tests/civicmap tries it.
STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
