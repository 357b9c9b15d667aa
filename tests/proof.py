"""How large the proofs are: the gate takes a part of each, `PROOF=1 make test` the whole."""

import os

WHOLE = bool(os.environ.get("PROOF"))


def size(*, whole: int, part: int) -> int:
    """Return how many of something a test takes."""
    return whole if WHOLE else part
