"""The hash of an event is that of its canonical JSON, whoever writes that down and how."""

import hashlib
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from issues.actions import record
from issues.models import Event
from issues.workflow import Role, Status, Step

AWKWARD = ('"kutip" \\ garis\n\tbaru', "ᬩᬮᬶ 🕳 é", "\x00\x1f\x7f\u2028 </script>", "")
DATA = ({}, {"to": "PUPR", "from": ""}, {"z": [1, None, 2.5], "a": {"c": "é", "b": True}})


def _canonical(event: Event) -> str:
    """Hash as the encoder does it, key by key."""
    body = {
        "previous": event.previous_hash,
        "seq": event.seq,
        "step": event.step,
        "status": event.status,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "role": event.role,
        "department": event.department_id,
        "note": event.note,
        "data": event.data,
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("note", AWKWARD)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("key", [None, 7])
def test_an_event_is_hashed_as_its_canonical_json(note, data, key):
    event = Event(
        seq=3,
        step=Step.ASSIGN,
        status=Status.ASSIGNED,
        at=datetime(2026, 3, 1, 7, 30, 0, 12, ZoneInfo("Asia/Makassar")),
        actor_id=key,
        role=Role.DISPATCHER,
        department_id=key,
        note=note,
        data=data | {"text": note},
        previous_hash="f" * 64,
    )

    assert record.digest(event) == _canonical(event)


def test_an_event_read_back_as_plain_text_has_the_same_hash():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = {"seq": 1, "at": at, "note": "", "data": {}, "previous_hash": "0" * 64}
    written = Event(step=Step.SUBMIT, status=Status.SUBMITTED, role=Role.REPORTER, **made)
    read = Event(step="submit", status="submitted", role="reporter", **made)

    assert record.digest(written) == record.digest(read)
