"""Photos of people who have the same problem: taken with "saya juga", within bounds."""

import hashlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.utils.translation import gettext as _

from issues import actions, pace
from issues.errors import (
    DifferentSubmission,
    PhotoRefused,
    StorageFull,
    TooManyPhotos,
    TooMuchEvidence,
)
from issues.models import Photo
from issues.privacy import clean_text
from issues.views import uploads
from issues.views.proof import CitizenRequest
from issues.views.report import said

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_KB: Final = 100_000
"""What one person sends as evidence in a day: some forty photos of a phone."""
MOST_KB_OF_LINE: Final = 2_000_000
"""What one address sends, behind which a carrier may hide a whole suburb."""
PER_LINE: Final = 15
"""Photos of one issue that one address sends in a day; all of them together have fifty places."""
_DAY: Final = timedelta(days=1)


def add(request: CitizenRequest, issue_id: int, sender: str) -> None:
    """Keep photos as evidence; they pass cleaning and review like all, and hold back nothing.

    Args:
        request: with the photos.
        issue_id: of what.
        sender: who sends them, as `actions.support` names people.
    """
    for file in uploads.files(request):
        name = clean_text(file.name or "")[:60]
        try:
            _keep_pace(request, issue_id, sender, file)
            data = uploads.read(file)
            own = f"{issue_id}:{sender}:{hashlib.sha256(data).hexdigest()}"
            key = uuid.uuid5(uuid.NAMESPACE_OID, own)
            actions.attach(issue_id, data, photo_id=key, kind=Photo.Kind.EVIDENCE, person=sender)
        except (
            DifferentSubmission,
            PhotoRefused,
            TooManyPhotos,
            TooMuchEvidence,
            StorageFull,
        ) as error:
            words = _("Foto %(name)s tidak ikut: %(why)s") % {"name": name, "why": said(error)}
            messages.warning(request, words)


def _keep_pace(
    request: CitizenRequest, issue_id: int, sender: str, file: "UploadedFile[Any]"
) -> None:
    """Count what a person and a line send.

    Raises:
        TooMuchEvidence: it was too much for a day.
    """
    line, kb = pace.line(request), 1 + (file.size or 0) // 1000
    counted = (
        pace.count("evidence-kb", sender, within=_DAY, by=kb) > MOST_KB,
        pace.count("evidence-line-kb", line, within=_DAY, by=kb) > MOST_KB_OF_LINE,
        pace.count(f"evidence-{issue_id}", line, within=_DAY) > PER_LINE,
    )
    if any(counted):
        raise TooMuchEvidence
