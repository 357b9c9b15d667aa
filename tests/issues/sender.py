"""A sender of reports by the JSON API: bodies, sending, the one shape of its errors."""

from datetime import UTC, datetime
from uuid import uuid4

from tests import make
from tests.payer import pay

HERE = {"lat": make.LAT + make.SIDE / 2, "lon": make.LON + make.SIDE / 2}
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def body(**fields):
    return {
        "id": str(uuid4()),
        "service_code": "lpju-mati",
        "description": "Lampu jalan mati sejak tiga malam.",
        **HERE,
    } | fields


def paid(client, content):
    """Pay for a body that has an id; what is no report costs nothing."""
    return content | {"proof": pay(client, content["id"])}


def send(client, content, **headers):
    return client.post("/api/issues", content, content_type="application/json", headers=headers)


def fault(response):
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message", "fields"}
    return response.json()["error"]
