"""Fill a city with a demo: approximate ground, people to log in as, a plausible year of issues.

Some thousand issues live through every action; a million are drawn and loaded as an import is.
"""

from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress, track

from geodata.models import City
from issues import demo
from issues.ingest import cases, loading
from issues.ingest.writing import Press
from issues.management.progress import columns
from issues.models import Issue

MOST_TOLD: Final = 10_000
"""So many issues are told one by one; more are drawn by the array, without pictures."""


class Command(BaseCommand):
    """Make the demo once; it never mixes with the issues of a real city."""

    help = "Mengisi kota dengan demo: wilayah perkiraan, akun contoh, dan laporan setahun."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how much, from which seed, and for which city."""
        parser.add_argument("--city", default=settings.DEFAULT_CITY)
        parser.add_argument("--issues", type=int, default=2500, help=_("jumlah laporan"))
        parser.add_argument("--pictured", type=int, default=24, help=_("jumlah laporan berfoto"))
        parser.add_argument("--seed", type=int, default=2026, help=_("benih bilangan acak"))
        parser.add_argument("--workers", type=int, default=demo.processors())
        parser.add_argument("--logins", action="store_true", help=_("hanya tampilkan akun contoh"))
        parser.add_argument(
            "--force",
            action="store_true",
            help=_("isi juga kota yang sudah punya laporan, atau tanpa DEMO"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the demo, or say why not."""
        del args
        city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandError(_("Kota “%(slug)s” belum dimuat.") % {"slug": options["city"]})
        if options["logins"]:
            self._say_logins(city)
        elif reason := _why_not(city, options["issues"], force=options["force"]):
            self.stdout.write(reason)
        else:
            self._settle(city, options)
            self._say_logins(city)

    def _settle(self, city: City, options: dict[str, Any]) -> None:
        if options["issues"] > MOST_TOLD:
            self._gather(city, options)
        else:
            self._seed(city, options)

    def _gather(self, city: City, options: dict[str, Any]) -> None:
        """Write ground and people, then load the crowd; an interrupted one goes on."""
        demo.lay(city)
        demo.settle(city)
        now = timezone.now()
        told = Issue.objects.filter(city=city, origin=None).count()
        crowd = demo.gather(city, count=options["issues"] - told, seed=options["seed"], now=now)
        book = cases.book(city, demo.SOURCE, now=now)
        stream: Any = self.stdout._out  # noqa: SLF001  the stream below Django's wrapper
        with Progress(*columns(), console=Console(file=stream)) as bar, Press() as press:
            task = bar.add_task(_("Laporan"), total=len(crowd))
            for places in crowd.batches():
                if not _is_loaded(book, crowd.external_id(places.start)):
                    loading.load(crowd.cases(places), book, press)
                bar.advance(task, len(places))
        loading.finish()
        demo.open_doors(city)

    def _seed(self, city: City, options: dict[str, Any]) -> None:
        """Write ground, people and year; an interrupted demo goes on from where it stood."""
        for layer, rows in demo.lay(city).items():
            self.stdout.write(f"  {layer:<10}{rows}")
        begun = Issue.objects.filter(city=city).count() if demo.is_inhabited(city) else 0
        year = demo.write(
            city,
            demo.settle(city),
            count=max(0, options["issues"] - begun),
            seed=options["seed"] + begun,
            now=timezone.now(),
            pictured=options["pictured"],
        )
        living = demo.live(year, workers=options["workers"])
        for _issue in track(living, total=len(year.reports), description=_("Laporan setahun")):
            pass
        demo.open_doors(city)

    def _say_logins(self, city: City) -> None:
        people = demo.logins(city)
        for login in people:
            self.stdout.write(f"  {login.email:<40}{login.role:<20}{login.department}")
        if people:
            self.stdout.write(
                _("  Kata sandi semua akun contoh: %(word)s") % {"word": demo.PASSWORD}
            )


def _is_loaded(book: cases.Book, external_id: str) -> bool:
    """Whether a batch is here: its first case is, so all are."""
    return not cases.unknown(book, [external_id])


def _why_not(city: City, wanted: int, *, force: bool) -> str:
    """Say why there is nothing to do; empty where the demo may be made."""
    has_issues = Issue.objects.filter(city=city).exists()
    if demo.logins(city) and Issue.objects.filter(city=city).count() >= wanted:
        return _("Demo %(city)s sudah ada.") % {"city": city.name}
    if not demo.has_demo(city):
        return _("%(city)s tidak punya data demo.") % {"city": city.name}
    if not settings.DEMO and not force:
        return _("Demo tidak dimuat: kata sandinya diketahui umum, dan DEMO tidak menyala.")
    if has_issues and not force and not demo.is_inhabited(city):
        return _("Demo tidak dimuat: %(city)s sudah punya laporan.") % {"city": city.name}
    return ""
