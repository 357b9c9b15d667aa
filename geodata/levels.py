"""The levels of areas: how deep each lies in the hierarchy, and what operators call it."""

from typing import Self

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

from geodata.errors import UnknownLevel


class Level(IntegerChoices):
    """Depth of an area in the hierarchy: the deeper, the more specific."""

    NEIGHBOUR = 0, _("tetangga")
    CITY = 1, _("kota")
    DISTRICT = 2, _("kecamatan")
    VILLAGE = 3, _("desa/kelurahan")
    SPECIAL = 4, _("kawasan khusus")

    @classmethod
    def named(cls, name: str) -> Self:
        """Find the level that an operator names.

        Raises:
            UnknownLevel: no level is called so.
        """
        try:
            return cls[_LEVEL_BY_NAME[name.strip().lower()]]
        except KeyError:
            raise UnknownLevel(name) from None

    @property
    def layer(self) -> str:
        """Name of the layer that an edition of this level replaces."""
        return self.name.lower()


_LEVEL_BY_NAME = {
    "tetangga": "NEIGHBOUR",
    "neighbour": "NEIGHBOUR",
    "kota": "CITY",
    "city": "CITY",
    "kecamatan": "DISTRICT",
    "district": "DISTRICT",
    "desa": "VILLAGE",
    "kelurahan": "VILLAGE",
    "village": "VILLAGE",
    "kawasan": "SPECIAL",
    "special": "SPECIAL",
}
