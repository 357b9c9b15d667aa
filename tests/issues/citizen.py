"""What tests of the citizen's pages do again and again: fill in, send, open, reply."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from issues import actions
from issues.models import Issue
from tests import make
from tests.payer import pay

WORDS = "Lampu jalan mati sejak tiga malam."


def picture(colour="red"):
    body = BytesIO()
    Image.new("RGB", (40, 30), colour).save(body, "JPEG")
    return body.getvalue()


def upload(name="rumah.jpg", data=None):
    return SimpleUploadedFile(name, picture() if data is None else data, "image/jpeg")


def filled(**fields):
    values = {
        "uuid": str(make.uuid(1)),
        "service_code": "lpju-mati",
        "description": WORDS,
        "area_code": "1.2",
        "address": "Jalan Teuku Umar, depan pasar",
    }
    return values | fields


def send(citizen, **fields):
    values = filled(**fields)
    return citizen.post("/lapor", {"proof": pay(citizen, values["uuid"]), **values})


def opened(citizen, issue):
    return citizen.post("/lacak", {"rahasia": actions.token_for(issue)})


def reply(citizen, issue, step, **fields):
    version = Issue.objects.get(pk=issue.pk).version
    values = {"step": step.value, "version": version, **fields}
    return citizen.post(reverse("tracked", args=[issue.number]), values)


def text(response):
    return response.content.decode()
