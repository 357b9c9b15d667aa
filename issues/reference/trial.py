"""An import tried out: the change itself, written down by the history, and taken back.

The files travel in the page between the look and the decision, signed: nothing waits on the server.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from geodata.models import City
from issues.models import ConfigurationChange, User
from issues.reference.bundle import texts, unpack, zipped
from issues.reference.files import BadReference, CityFiles
from issues.reference.rows import Summary, load
from issues.reference.write import write

_SALT: Final = "issues.reference.trial"
_LASTS: Final = timedelta(hours=8)


class StaleTrial(BadReference):
    """The city's configuration is not what it was when the files were looked at."""

    def __init__(self) -> None:
        super().__init__(
            (_("Pengaturan kota berubah sejak pratinjau; lihat lagi sebelum menerapkan."),)
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """What files would change: the counts of each table, and a line for each field."""

    summary: Summary
    lines: tuple[ConfigurationChange, ...]


def try_out(city: City, files: CityFiles, *, actor: User | None) -> Trial:
    """Find what files would change of a city; nothing is changed.

    Raises:
        BadReference: the files are wrong, or another city's.
    """
    with transaction.atomic():
        newest = ConfigurationChange.objects.order_by("-pk").values_list("pk", flat=True).first()
        summary = bring_in(city, files, actor=actor)
        lines = ConfigurationChange.objects.filter(city=city, pk__gt=newest or 0).order_by("pk")
        trial = Trial(summary, tuple(lines))
        transaction.set_rollback(True)
    return trial


def bring_in(city: City, files: CityFiles, *, actor: User | None, reason: str = "") -> Summary:
    """Make a city what its files say, over what people have changed; one transaction.

    Raises:
        BadReference: the files are wrong, or another city's.
    """
    slug = files.city.get("slug")
    if slug != city.slug:
        words = {"slug": slug, "city": city.slug}
        raise BadReference((_("city: berkas ini milik “%(slug)s”, bukan “%(city)s”") % words,))
    return load(files, over_hands=True, actor=actor, reason=reason)


def seal(city: City, data: bytes) -> str:
    """Sign files together with the city as it stands, for the way through a page."""
    packed = base64.b64encode(zipped(texts(data))).decode()
    return signing.dumps([packed, _stand(city)], salt=_SALT)


def unseal(city: City, sealed: str) -> CityFiles:
    """Take the files back.

    Raises:
        StaleTrial: the city is not what it was, or the seal is broken or too old.
    """
    try:
        data, stand = signing.loads(sealed, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        raise StaleTrial from None
    if stand != _stand(city):
        raise StaleTrial
    return unpack(base64.b64decode(data))


def _stand(city: City) -> str:
    """Give a mark that is another as soon as anything of the city's configuration is."""
    return hashlib.sha256(zipped(write(city))).hexdigest()
