"""A crew's phone: ops, photos and sightings as it sends them."""

from datetime import datetime
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from issues.workflow import Role, Step
from tests import make
from tests.issues import office

JSON = "application/json"


def crew(**fields):
    """Somebody of DISHUB's crew."""
    return make.user(Role.CREW, department=make.department(), **fields)


def op(issue, step=Step.START, **fields):
    """One op of a log, done now on the newest version."""
    values = {
        "id": str(uuid4()),
        "number": issue.number,
        "base": office.fresh(issue).version,
        "step": str(step),
        "note": "",
        "at": timezone.now(),
    } | fields
    at = values["at"]
    return values | {"at": at.isoformat() if isinstance(at, datetime) else at}


def post(client, *ops):
    """Send ops; return the results."""
    response = client.post(reverse("crew-ops"), {"ops": list(ops)}, content_type=JSON)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def shoot(client, issue, data=None, **fields):
    """Send a photo from the place of the issue, taken now."""
    values = {
        "id": str(uuid4()),
        "number": issue.number,
        "kind": "after",
        "taken_at": timezone.now().isoformat(),
        "accuracy": "8",
        "file": SimpleUploadedFile("foto.jpg", data or office.picture(), "image/jpeg"),
    }
    if issue.point:
        values |= {"lon": str(issue.point.x), "lat": str(issue.point.y)}
    return client.post(reverse("crew-photos"), values | fields)
