"""What must be true before the app may start: names that meet as text, the city's rules."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's name
from django.db import connections

from issues import notifications, outbox
from issues.invariants import TRUTHS
from issues.jobs import tasks
from issues.models import Category

RULES: Final = next(truth for truth in TRUTHS if truth.name == "rules")


@register
def jobs_exist(**_options: Any) -> list[CheckMessage]:
    """Every notice has a lane in the outbox, every lane a task of its name and queue."""
    return [Error(words, id="issues.E001") for words in _strays()]


def _strays() -> Iterator[str]:
    for step, names in notifications.NOTICES.items():
        for name in set(names) - set(outbox.LANES):
            yield f"the step {step} wants the job “{name}”, which has no lane"
    for name, lane in outbox.LANES.items():
        task = tasks.tasks.get(name)
        if task is None:
            yield f"the lane “{name}” leads to no task"
        elif task.queue != lane.queue:
            yield f"the task “{name}” is in queue {task.queue}, its lane in {lane.queue}"


@register(Tags.database)
def rules_lead_somewhere(
    *,
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> list[CheckMessage]:
    """Every rule names a category, every fast lane leads to somebody; silent before migrations."""
    del app_configs
    if not databases or not _is_migrated():
        return []
    return [
        Warning(str(violation), hint="manage.py load_reference CITY", id="issues.W001")
        for violation in RULES.find(None)
    ]


def _is_migrated() -> bool:
    table = Category._meta.db_table  # noqa: SLF001  Django's documented _meta
    return table in connections["default"].introspection.table_names()
