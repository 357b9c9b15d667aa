"""Invite the first administrator of a city; every other person is invited on the page of people."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geodata.models import City
from issues.actions import people
from issues.errors import RightsRefused


class Command(BaseCommand):
    """Write an invitation, send it, and say its link to the operator."""

    help = "Invite the first administrator of a city by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the city and the address."""
        parser.add_argument("email")
        parser.add_argument("--city", required=True, help="slug of the city")

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite.

        Raises:
            CommandError: there is no such city, it has an administrator, or the address is taken.
        """
        del args
        city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            message = f"no city {options['city']}: load_reference first"
            raise CommandError(message)
        try:
            link = people.invite_first(city, options["email"])
        except RightsRefused as refusal:
            raise CommandError(refusal.reason) from None
        self.stdout.write(link)
