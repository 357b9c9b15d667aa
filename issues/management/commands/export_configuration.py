"""Write a city's whole configuration into one file, for another machine or for keeping."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geodata.models import City
from issues import reference


class Command(BaseCommand):
    """Pack what a city has set, and its boundaries; nobody's data."""

    help = "Menulis seluruh pengaturan sebuah kota ke dalam satu ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the city and the file."""
        parser.add_argument("city", help=_("nama kota, mis. denpasar"))
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file.

        Raises:
            CommandError: there is no such city.
        """
        del args
        city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandError(_("Kota “%(slug)s” tidak ada.") % {"slug": options["city"]})
        options["file"].write_bytes(reference.pack(city))
        self.stdout.write(str(options["file"]))
