"""Count everything again: `manage.py rebuild_heat`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from geodata import pyramid
from issues import heat


class Command(BaseCommand):
    """Build the chunks of the map anew, beside those that are read until they are done."""

    help = "Build the counts of the map again from its rows; reading and writing go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be chosen."""
        names = [source.name for source in heat.SOURCES]
        parser.add_argument("--only", choices=names, help="one source; default: all")

    def handle(self, *, only: str | None, **_options: Any) -> None:
        """Rebuild each source in a transaction of its own."""
        for source in heat.SOURCES:
            if only in {None, source.name}:
                self.stdout.write(f"{source.name}: {pyramid.rebuild(source)} rows counted")
