"""People at their desks, and photos as the worker leaves them."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from issues import actions, photos
from issues.models import Issue, Membership, Photo
from issues.workflow import Role
from tests import make

BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(client, someone):
    """Log somebody in; return the client."""
    client.force_login(someone, backend=BACKEND)
    return client


def dispatcher(client):
    return enter(client, make.user(Role.DISPATCHER))


def liaison(client, code="DISHUB", **fields):
    return enter(client, make.user(Role.LIAISON, department=make.department(code), **fields))


def crew(client, code="DISHUB", **fields):
    return enter(client, make.user(Role.CREW, department=make.department(code), **fields))


def also(someone, role, department=None):
    """Give somebody one more role."""
    Membership.objects.create(user=someone, city=make.city(), role=role, department=department)
    return someone


def fresh(issue):
    return Issue.objects.get(pk=issue.pk)


def picture(colour="navy"):
    """The bytes of a small JPEG."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


def upload(colour="olive"):
    """A picture as a browser sends it."""
    return SimpleUploadedFile("foto.jpg", picture(colour), "image/jpeg")


def photo(issue, *, kind=Photo.Kind.BEFORE, actor=None):
    """A photo of an issue that has been cleaned."""
    return processed(actions.attach(issue.pk, picture(), photo_id=uuid4(), kind=kind, actor=actor))


def processed(kept):
    """A photo as the worker leaves it."""
    with TemporaryDirectory() as folder:
        raw = Path(default_storage.path(kept.original_path))
        return actions.photo_processed(kept.pk, photos.clean(raw, Path(folder)))


def numbers(response):
    """The numbers of the rows of a list page, in order."""
    return [issue.number for issue in response.context["page"].rows]


def words(response):
    """The page as text."""
    return response.content.decode()
