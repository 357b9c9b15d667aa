"""Named truths over the data; `manage.py fsck` and the tests run the same list.

Each truth reads and never writes, and yields one violation for each row that breaks it. Whatever
can be computed again (public rows, due dates, secrets, hashes) is computed again by the function
that made it, and compared. The numbers are those of RELIABILITY 2.1.
"""

from typing import Final

from issues.invariants import cases, counts, files, history, projection
from issues.invariants.files import orphans
from issues.invariants.truth import Truth, Violation

TRUTHS: Final = (
    Truth("receipts", "every client id stands once, its secret opens it (I1)", cases.receipts),
    Truth("photos", "every photo has its bytes, clean ones their sizes (I2)", files.photos_kept),
    Truth("files", "no file is a day old without a row (I6)", files.none_orphaned),
    Truth("owners", "every issue has an owner or sits in triage (I3)", cases.owners),
    Truth("history", "every history is a legal path to the status (I4)", history.paths),
    Truth("jobs", "every event that must be told has its jobs (I5)", history.told),
    Truth("public", "the public sees exactly what it may see (I7, I12)", projection.exact),
    Truth("heat", "every count of the map is that of its rows", counts.pyramids),
    Truth("dates", "every due date can be computed again (I8)", cases.dates),
    Truth("chain", "every event's hash follows from the one before (I9)", history.chained),
    Truth("waits", "every issue knows for whom it has waited", history.waited),
    Truth("numbers", "every number given out is below its series (I10)", cases.numbers),
    Truth("rules", "rules name categories, fast lanes lead somewhere", cases.rules),
    Truth("held", "what waits for a look is nobody's yet, and not public", cases.held),
    Truth("looked", "an issue says itself whether triage must look at it", cases.looked_on),
    Truth("asked", "ties stay in their city, conditions can be fulfilled", cases.asked),
)

__all__ = ["TRUTHS", "Truth", "Violation", "orphans"]
