"""What must be true of the machine before CivicMap may start: database driver and durability."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

DRIVER: Final = "psycopg2"
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings without which PostgreSQL forgets what it has acknowledged. Source: its manual, 20.5."""


@register(Tags.compatibility)
def driver(**_options: Any) -> list[CheckMessage]:
    """Refuse to start where Django has taken psycopg 3, which is there for the job queue alone."""
    names = {alias: driver_of(alias) for alias in connections}
    return [wrong_driver(alias, name) for alias, name in names.items() if name != DRIVER]


def driver_of(alias: str) -> str:
    """Name the package through which Django reaches a database."""
    backend: Any = connections[alias]
    return str(backend.Database.__name__)


def wrong_driver(alias: str, name: str) -> CheckMessage:
    """Say which driver was found, and what must have happened."""
    return Error(
        f"database “{alias}” is reached by {name}, not by {DRIVER}",
        hint="something imported Django's PostgreSQL backend before the package civicmap",
        id="civicmap.E001",
    )


@register(Tags.database)
def durability(
    *,
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> list[CheckMessage]:
    """Refuse a database that may forget what it has acknowledged."""
    del app_configs
    return [message for alias in databases or () for message in _forgetful(alias)]


def _forgetful(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        values = {}
        for name in DURABLE:
            cursor.execute("SELECT current_setting(%s)", [name])
            values[name] = cursor.fetchone()[0]
    return [
        Error(
            f"database “{alias}” has {name} = {value}: a power cut would lose acknowledged reports",
            hint=f"set {name} = on in postgresql.conf",
            id="civicmap.E002",
        )
        for name, value in values.items()
        if value == "off"
    ]


@register(Tags.compatibility)
def basemap(**_options: Any) -> list[CheckMessage]:
    """Refuse a basemap that is not understood, or whose makers are not named on the map."""
    if settings.BASEMAP == "boundaries":
        return []
    address = urlsplit(settings.BASEMAP.removeprefix("xyz:"))
    wrong: list[CheckMessage] = []
    known = settings.BASEMAP.startswith("xyz:") and address.scheme in {"http", "https"}
    # One host: the content security policy names it.
    if not known or "{" in address.netloc:
        hint = "say `boundaries`, or `xyz:https://host/{z}/{x}/{y}.png`"
        wrong.append(
            Error(f"BASEMAP={settings.BASEMAP} is no basemap", hint=hint, id="civicmap.E006")
        )
    elif not settings.BASEMAP_ATTRIBUTION:
        hint = "set BASEMAP_ATTRIBUTION to what the tile server asks for"
        wrong.append(Error("the basemap's makers are not named", hint=hint, id="civicmap.E007"))
    return wrong
