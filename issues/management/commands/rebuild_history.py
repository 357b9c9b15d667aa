"""Write the history of the public map anew from the events of every issue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geodata.models import City
from issues.publication import rebuild_history


class Command(BaseCommand):
    """Recompute on which days the public map showed each issue; `fsck` says when it is needed."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let one city be chosen."""
        parser.add_argument("--city", help="slug of one city; default: all")

    def handle(self, *, city: str | None, **_options: Any) -> None:
        """Rebuild in small transactions: readers and writers go on meanwhile.

        Raises:
            CommandError: no such city.
        """
        where = City.objects.filter(slug=city).first() if city else None
        if city and where is None:
            message = f"no city is called {city}"
            raise CommandError(message)
        changed = sum(rebuild_history(where))
        self.stdout.write(f"{changed} spans were wrong and are right now")
