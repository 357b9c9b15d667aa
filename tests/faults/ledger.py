"""A citizen who writes down what was meant to be sent and what was acknowledged, before and after.

The checker believes this book and the database, nothing else. Every line is on the disk (fsync)
before the next step is taken.
"""

import http.client
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from tests import make
from tests.payer import solve

TIMEOUT_S = 10
OK = {200, 201}
BOUNDARY = "a-line-between-parts"


@dataclass(slots=True)
class Ledger:
    """The book: one line of JSON for each intent and each acknowledgement."""

    path: Path
    acknowledged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, kind: str, **values: Any) -> None:
        """Write a line and see it on the disk."""
        line = json.dumps({"kind": kind, **values}) + "\n"
        with self._lock, self.path.open("a") as book:
            book.write(line)
            book.flush()
            os.fsync(book.fileno())
            self.acknowledged += kind == "ack"

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Read all lines of a kind."""
        lines = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [line for line in lines if line.pop("kind") == kind]


@dataclass(slots=True)
class Citizen:
    """Sends reports, one after the other, each until somebody acknowledges it."""

    ledger: Ledger
    port: int
    chance: random.Random
    photo: bytes
    deadline: float
    tries: int = 0
    rude: list[int] = field(default_factory=list)
    """Answers other than a receipt or "busy, come back": a promise of RELIABILITY R8 not kept."""

    def report(self) -> None:
        """Send one report, some again, some with a photo; every answer must be the same one."""
        identity = UUID(int=self.chance.getrandbits(128), version=4)
        body = self._body(identity)
        self.ledger.write("intent", id=str(identity), description=body["description"])
        body["proof"] = solve(self._insist(f"/api/effort?id={identity}", b"", {}, method="GET"))
        if self.chance.random() < 0.1:  # one in ten hangs up before the answer
            self._send_and_hang_up(body)
        receipt = self._insist(
            "/api/issues", json.dumps(body), {"Content-Type": "application/json"}
        )
        self._acknowledge(receipt)
        if self.chance.random() < 0.3:  # three in ten send again
            self._acknowledge(
                self._insist("/api/issues", json.dumps(body), {"Content-Type": "application/json"})
            )
        if self.chance.random() < 0.1:  # one in ten has a photo
            self._attach(receipt)

    def _body(self, identity: UUID) -> dict[str, Any]:
        return {
            "id": str(identity),
            "service_code": self.chance.choice(["lpju-mati", "layanan-lambat"]),
            "lat": make.LAT + self.chance.uniform(-1, 1) * make.SIDE * 0.9,
            "lon": make.LON + self.chance.uniform(-1, 1) * make.SIDE * 0.9,
            "description": f"Lampu jalan mati, tiang {identity.hex}",
            "contact": {"email": f"{identity.hex}@warga.example"},
            "consent": True,
        }

    def _acknowledge(self, receipt: dict[str, Any]) -> None:
        self.ledger.write("ack", id=receipt["id"], number=receipt["number"], token=receipt["token"])

    def _attach(self, receipt: dict[str, Any]) -> None:
        identity = str(UUID(int=self.chance.getrandbits(128), version=4))
        self.ledger.write("photo", id=identity, sha256=sha256(self.photo).hexdigest())
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
        body = (
            f'{head}id"\r\n\r\n{identity}\r\n{head}photo"; filename="x.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode() + self.photo
        answer = self._insist(
            f"/api/issues/{receipt['id']}/photos",
            body + f"\r\n--{BOUNDARY}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                "Authorization": f"Tracking {receipt['token']}",
            },
        )
        self.ledger.write("photo-ack", id=answer["id"], sha256=answer["sha256"])

    def _send_and_hang_up(self, body: dict[str, Any]) -> None:
        """Lose the acknowledgement: the server may have committed, we shall never know."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            line.request(
                "POST", "/api/issues", json.dumps(body), {"Content-Type": "application/json"}
            )
        except OSError:
            pass
        finally:
            line.close()

    def _insist(
        self, path: str, body: str | bytes, headers: dict[str, str], *, method: str = "POST"
    ) -> dict[str, Any]:
        """Send until acknowledged, whatever the answers are."""
        while True:
            assert time.monotonic() < self.deadline, f"nobody acknowledged {path} in time"
            self.tries += 1
            try:
                status, text = self._send(path, body, headers, method)
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if status in OK:
                return dict(json.loads(text))
            if status != http.client.SERVICE_UNAVAILABLE:
                self.rude.append(status)
            time.sleep(0.1)

    def _send(
        self, path: str, body: str | bytes, headers: dict[str, str], method: str
    ) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()
