"""Prove that nothing is lost: `manage.py fsck`."""

import sys
from argparse import ArgumentParser
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from procrastinate.contrib.django.models import ProcrastinateJob
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from geodata.models import City
from issues.invariants import TRUTHS, Truth, Violation
from issues.jobs import RECURRING

SHOWN: Final = 20
"""How many violations of one truth are written out."""


class Command(BaseCommand):
    """Check every truth over the data; exit code 1 where one is broken."""

    help = "Check every invariant over the data; exits with 1 where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be chosen."""
        parser.add_argument("--city", help="slug of one city; default: all")
        names = [truth.name for truth in TRUTHS]
        parser.add_argument("--only", choices=names, action="append", help="one truth; repeatable")

    def handle(self, *, city: str | None, only: list[str] | None, **_options: Any) -> None:
        """Look at everything first, then say what was found."""
        chosen = [truth for truth in TRUTHS if only is None or truth.name in only]
        where = _city(city)
        stream: Any = self.stdout._out  # noqa: SLF001  the stream itself: the wrapper adds line ends
        console = Console(file=stream, highlight=False)
        found: dict[Truth, list[Violation]] = {}
        # Closed here, whatever fails: an interpreter that ends can no longer close it.
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("fsck", total=len(chosen))
            for truth in chosen:
                found[truth] = list(truth.find(where))
                bar.advance(task)
        console.print(_table(found))
        for truth, violations in found.items():
            _explain(console, truth, violations)
        _count_dead(console)
        if any(found.values()):
            sys.exit(1)


def _city(slug: str | None) -> City | None:
    if slug is None:
        return None
    city = City.objects.filter(slug=slug).first()
    if city is None:
        message = f"no city is called {slug}"
        raise CommandError(message)
    return city


def _table(found: dict[Truth, list[Violation]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("truth", "", "violations"):
        table.add_column(heading, justify="right" if heading == "violations" else "left")
    for truth, violations in found.items():
        style = "red" if violations else "green"
        table.add_row(
            truth.name, truth.says, str(len(violations)) if violations else "ok", style=style
        )
    return table


def _explain(console: Console, truth: Truth, violations: list[Violation]) -> None:
    for violation in islice(violations, SHOWN):
        console.print(f"{truth.name}: {violation}", markup=False, soft_wrap=True)
    if len(violations) > SHOWN:
        console.print(f"{truth.name}: and {len(violations) - SHOWN} more", markup=False)


def _count_dead(console: Console) -> None:
    """Say how many jobs have given up: no violation, since staff can see them, but work to do."""
    failed = ProcrastinateJob.objects.filter(status="failed")
    dead = failed.exclude(queue_name__in=RECURRING).count()
    if dead:
        console.print(f"{dead} jobs have given up, see /admin/procrastinate/procrastinatejob/")
