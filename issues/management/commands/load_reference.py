"""Load what a city is made of: departments, categories, rules, clocks, days off."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geodata.models import City
from issues import reference
from issues.errors import UnknownCity


class Command(BaseCommand):
    """Bring the rows of a city up to date with its folder of data; a second run changes nothing."""

    help = "Memuat data acuan kota dari folder issues/cities/<kota>."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the city and three switches."""
        parser.add_argument("city", help=_("nama folder kota, mis. denpasar"))
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help=_("tidak melakukan apa pun bila kota sudah dimuat"),
        )
        parser.add_argument(
            "--renew-holidays",
            action="store_true",
            help=_("tulis ulang hari libur, juga yang pernah diubah di /admin/"),
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help=_("tulis ulang juga yang pernah diubah orang di peramban"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what changed."""
        del args
        if options["if_missing"] and City.objects.filter(slug=options["city"]).exists():
            self.stdout.write(_("%(city)s sudah dimuat.") % {"city": options["city"]})
            return
        summary = _load(options["city"], renew=options["renew_holidays"], force=options["force"])
        for table, change in summary.changes.items():
            self.stdout.write(f"  {table:<12}" + counts_said(change))
        for row in summary.spared:
            self.stdout.write(_("  tetap seperti diubah orang: %(row)s") % {"row": row})
        if summary.changed_nothing:
            self.stdout.write(_("%(city)s: tidak ada yang berubah.") % {"city": summary.city.name})


def _load(slug: str, *, renew: bool, force: bool) -> reference.Summary:
    try:
        return reference.load(reference.read(slug), renew_holidays=renew, over_hands=force)
    except UnknownCity:
        known = ", ".join(reference.names())
        raise CommandError(
            _("Kota “%(slug)s” tidak ada. Yang ada: %(known)s.") % {"slug": slug, "known": known}
        ) from None
    except reference.BadReference as bad:
        raise refused(bad) from None


def refused(bad: reference.BadReference) -> CommandError:
    """Say to an operator what is wrong with files."""
    lines = "\n".join(f"  - {problem}" for problem in bad.problems)
    text = _("%(count)d kesalahan dalam data acuan, tidak ada yang dimuat:\n%(lines)s")
    return CommandError(text % {"count": len(bad.problems), "lines": lines})


def counts_said(change: reference.Change) -> str:
    """Say to an operator what became of the rows of a table."""
    return _("%(created)d baru, %(changed)d diubah, %(retired)d dinonaktifkan, %(same)d tetap") % {
        "created": change.created,
        "changed": change.changed,
        "retired": change.retired,
        "same": change.same,
    }
