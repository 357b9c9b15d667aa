"""A city's files as one: packed the same to the byte each time, and unpacked without belief.

Boundaries lie beside them as GeoJSON, for the page of boundaries or `import_boundaries`: their own
door weighs what they would move.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from geodata.models import City, Edition, Level
from issues.reference.files import MAY_BE, NEEDED, BadReference, CityFiles, parse
from issues.reference.write import write

MOST_BYTES: Final = 20_000_000
"""A larger upload is refused before it is opened."""
MOST_TEXT: Final = 2_000_000
"""Of one file in it, unpacked."""
_OF_AREAS: Final = ("code", "name", "kind", "parent_code")
_BIRTH: Final = (1980, 1, 1, 0, 0, 0)
"""The first instant that a ZIP can tell: what is the same has the same bytes."""


def pack(city: City, *, borders: bool = True) -> bytes:
    """Write a city as it stands into one ZIP.

    Args:
        city: whose.
        borders: with its boundaries in force, as GeoJSON in EPSG:4326.
    """
    return zipped({**write(city), **(dict(_borders(city)) if borders else {})})


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Put texts into a ZIP, in the order of their names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _BIRTH), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _borders(city: City) -> Iterator[tuple[str, str]]:
    """Give each edition in force as a file of features."""
    layers = [level.layer for level in Level]
    for edition in Edition.objects.current().filter(city=city, layer__in=layers).order_by("pk"):
        name = "-".join(filter(None, (edition.layer, edition.dataset)))
        yield f"batas/{name}.geojson", features(edition)


def features(edition: Edition) -> str:
    """Write the areas of an edition as a GeoJSON FeatureCollection; longitude, latitude."""
    drawn = [
        {
            "type": "Feature",
            "properties": {name: getattr(row, name) for name in _OF_AREAS},
            "geometry": json.loads(row.area.geojson),
        }
        for row in edition.jurisdictions.order_by("code")
    ]
    return json.dumps({"type": "FeatureCollection", "features": drawn}, ensure_ascii=False)


def unpack(data: bytes) -> CityFiles:
    """Read a ZIP of a city's files; nothing of it is written anywhere.

    Raises:
        BadReference: no ZIP, too large, or its files are wrong; all faults are named.
    """
    return parse(texts(data))


def texts(data: bytes) -> dict[str, bytes]:
    """Take a city's files out of a ZIP; whatever else is in there is left alone.

    Raises:
        BadReference: no ZIP, or too large.
    """
    if len(data) > MOST_BYTES:
        raise BadReference((_("berkas lebih dari %(size)d MB") % {"size": MOST_BYTES // 10**6},))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _text(archive, name) for name in _wanted(archive)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadReference((_("berkas bukan ZIP yang dapat dibaca"),)) from error


def _wanted(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in (*NEEDED, *MAY_BE) if name in archive.NameToInfo]


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpack one file, and never more of it than it may hold."""
    with archive.open(name) as file:
        text = file.read(MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        words = {"name": name, "size": MOST_TEXT // 10**6}
        raise BadReference((_("%(name)s: lebih dari %(size)d MB") % words,))
    return text
