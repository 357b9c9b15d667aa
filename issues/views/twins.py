"""“Sudah dilaporkan?” for a form without JavaScript: asked once, before it is taken in."""

from typing import Final

from geodata import geometry, streets
from issues import duplicates
from issues.duplicates import Likely
from issues.forms.report import ReportForm
from issues.models import Issue
from issues.privacy import clean_text

ASKED: Final = "twins"
"""The field that says that somebody has seen them already."""


def unseen(form: ReportForm) -> list[Likely]:
    """List the open public issues that a valid form may repeat, as long as nobody has seen them.

    A confidential report is compared with nothing, and one that was taken in before gets its
    receipt.
    """
    data = form.cleaned_data
    if form.data.get(ASKED) or data["confidential"]:
        return []
    if Issue.objects.filter(uuid=data["uuid"]).exists():
        return []
    kind = next(one for one in form.categories if one.service_code == data["service_code"])
    text = clean_text(data["description"])
    if data["lat"] is not None:
        return duplicates.near(geometry.point(data["lon"], data["lat"]), kind, text)
    if data["street"]:
        street = streets.named(data["street"], form.city)
        return duplicates.along(street.name, kind, text) if street else []
    return duplicates.within(data["area_code"], kind, text)
