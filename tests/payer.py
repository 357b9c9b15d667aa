"""A sender who pays: asks for the challenge of a report and does the little work of it."""

import base64
import hashlib
import json
from typing import Any


def solve(challenge: dict[str, Any]) -> str:
    """Find the number, and write the payload as `proof` takes it."""
    number = next(
        number
        for number in range(challenge["maxnumber"] + 1)
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest()
        == challenge["challenge"]
    )
    kept = ("algorithm", "challenge", "salt", "signature")
    answer = {name: challenge[name] for name in kept} | {"number": number}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def pay(client: Any, uuid: object) -> str:
    """Fetch the challenge of a report with Django's test client, and solve it."""
    return solve(client.get("/api/effort", {"id": str(uuid)}).json())
