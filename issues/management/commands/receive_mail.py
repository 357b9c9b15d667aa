"""Take in letters: one from standard input (a mail server's pipe), or the unread of the mailbox."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geodata.models import City
from issues import actions, mailbox, mailroom


class Command(BaseCommand):
    """Take in letters; the same letter twice is taken in once."""

    help = "Take in e-mails: from standard input with --pipe, else from MAILBOX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the city, and whether a letter comes by standard input."""
        parser.add_argument("--city", required=True, help="slug of the city")
        parser.add_argument("--pipe", action="store_true", help="read one letter from stdin")

    def handle(self, **options: Any) -> None:
        """Take in what there is.

        Raises:
            CommandError: no such city, no letter, or no mailbox.
        """
        city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandError(f"No city {options['city']!r}.")
        if options["pipe"]:
            self._one(sys.stdin.buffer.read(mailroom.MOST_BYTES + 1), city)
        elif mailbox.is_on():
            self.stdout.write(f"{actions.fetch_letters(city)} letters")
        else:
            raise CommandError("MAILBOX is empty; pipe a letter in with --pipe.")

    def _one(self, raw: bytes, city: City) -> None:
        try:
            letter = actions.receive(raw, city=city)
        except mailroom.Unreadable:
            raise CommandError("This is no letter, or it is over 15 MB.") from None
        self.stdout.write(f"{letter.message_id} {letter.state}")
