"""Bring a city to what a file of its whole configuration says; a new city begins with it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from geodata.models import City
from issues import reference
from issues.management.commands.load_reference import counts_said, refused


class Command(BaseCommand):
    """Load a ZIP of `export_configuration`; boundaries in it come by `import_boundaries`."""

    help = "Memuat seluruh pengaturan sebuah kota dari satu ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and whether to look only."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help=_("hanya melihat akibatnya"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or look; say what changes.

        Raises:
            CommandError: the files are wrong; all faults are named and nothing is loaded.
        """
        del args
        try:
            files = reference.unpack(options["file"].read_bytes())
            city = City.objects.filter(slug=files.city.get("slug")).first()
            if options["dry_run"] and city is not None:
                trial = reference.try_out(city, files, actor=None)
                for line in trial.lines:
                    self.stdout.write(f"  {line}: {line.before} -> {line.after}")
                summary = trial.summary
            else:
                summary = reference.load(files, over_hands=True)
        except reference.BadReference as bad:
            raise refused(bad) from None
        for table, change in summary.changes.items():
            self.stdout.write(f"  {table:<12}" + counts_said(change))
