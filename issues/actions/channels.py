"""Take in what reached the city by other ways: posts, calls, letters; join replies to theirs."""

import logging
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from geodata.models import City
from issues import mailbox, mailroom
from issues.actions.pictures import attach
from issues.actions.steps import take
from issues.actions.submit import Draft, Receipt, submit
from issues.errors import (
    DifferentSubmission,
    PhotoRefused,
    StepNotAllowed,
    StorageFull,
    TakenAlready,
    TooManyPhotos,
)
from issues.models import Issue, Letter, Post, Reporter, User
from issues.workflow import Status, Step

_LOG: Final = logging.getLogger(__name__)
_SAME_HOST: Final = {
    "twitter.com": "x.com",
    "m.facebook.com": "facebook.com",
    "web.facebook.com": "facebook.com",
    "fb.com": "facebook.com",
    "mobile.twitter.com": "x.com",
}
_TELLING: Final = frozenset({"id", "story_fbid", "fbid", "v", "p"})
"""Parameters without which the address would be another post's."""
_NUMBER: Final = re.compile(r"\b([A-Z]{2,5}-\d{2}-\d{6})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Who took it in, and where it stood.

    Attributes:
        by: a dispatcher.
        url: of the original post; empty where there is none.
        letter: the e-mail that it is made from; None for anything else.
    """

    by: User
    url: str = ""
    letter: Letter | None = None


def enter(draft: Draft, entered: Entered, *, city: City, at: datetime | None = None) -> Receipt:
    """Make an issue of what somebody told the city; its reporter gets the receipt where they can.

    Args:
        draft: clean values, its channel among them.
        entered: by whom, and from what.
        city: whose.
        at: when the city was told; default: now.

    Raises:
        TakenAlready: the post, or the letter, is an issue already.
        OutsideCoverage: as `submit`.
        UnknownCategory: as `submit`.
    """
    address = canonical(entered.url) if entered.url else ""
    known = Post.objects.filter(city=city, canonical=address).select_related("issue").first()
    if address and known and known.issue.uuid != draft.uuid:
        raise TakenAlready(known.issue.number)
    try:
        with transaction.atomic():
            return _enter(draft, entered, address, city=city, at=at)
    except IntegrityError:
        other = Post.objects.filter(city=city, canonical=address).select_related("issue").first()
        if other is None:
            raise
        raise TakenAlready(other.issue.number) from None


def _enter(
    draft: Draft, entered: Entered, address: str, *, city: City, at: datetime | None
) -> Receipt:
    letter = entered.letter and Letter.objects.select_for_update().get(pk=entered.letter.pk)
    if letter and letter.issue and letter.issue.uuid != draft.uuid:
        raise TakenAlready(letter.issue.number)
    receipt = submit(draft, city=city, at=at)
    if not receipt.created:
        return receipt
    if address:
        Post.objects.create(
            issue=receipt.issue,
            city=city,
            url=entered.url,
            canonical=address,
            entered_by=entered.by,
        )
    if letter:
        add_pictures(receipt.issue, mailroom.read(bytes(letter.raw)).pictures, letter.message_id)
        settle_letter(letter, Letter.State.TAKEN, by=entered.by, issue=receipt.issue)
    return receipt


def canonical(url: str) -> str:
    """Write the address of a post in the one form by which two can be compared."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    kept = sorted((name, value) for name, value in parse_qsl(parts.query) if name in _TELLING)
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{_SAME_HOST.get(host, host)}{parts.path.rstrip('/')}{query}"[:500]


def receive(raw: bytes, *, city: City, at: datetime | None = None) -> Letter:
    """Keep a letter once; a person's reply to one of our letters is joined to its issue.

    Args:
        raw: its bytes.
        city: whose mailbox it came to.
        at: when; default: now.

    Raises:
        mailroom.Unreadable: the bytes are no letter.
    """
    found = mailroom.read(raw)
    with transaction.atomic():
        letter, created = Letter.objects.get_or_create(
            city=city,
            message_id=found.message_id,
            defaults={
                "sender": found.sender[:254],
                "sender_name": found.sender_name,
                "subject": found.subject,
                "text": found.text,
                "photos": len(found.pictures),
                "raw": raw,
                "received_at": at or timezone.now(),
            },
        )
        if created and found.is_automatic:
            settle_letter(letter, Letter.State.IGNORED)
        elif created and (issue := _answered(found, city)):
            _join(letter, found, issue)
        return letter


def fetch_letters(city: City) -> int:
    """Take in the unread letters of the mailbox; one that is none is marked and left there.

    Returns:
        How many were kept.

    Raises:
        OSError: the mailbox cannot be reached.
        imaplib.IMAP4.error: it refuses.
    """
    kept = 0
    with mailbox.unread() as letters:
        for number, raw in letters:
            try:
                receive(raw, city=city)
                kept += 1
            except mailroom.Unreadable:
                _LOG.warning("letter %s of the mailbox cannot be read", number)
            letters.kept(number)
    return kept


def _answered(found: mailroom.Letter, city: City) -> Issue | None:
    """Find the issue that a letter answers: named by our letter or its subject, by its reporter."""
    words = " ".join((*found.replies_to, found.subject)).upper()
    numbers = [match.group(1) for match in _NUMBER.finditer(words)]
    if not found.sender or not found.text or not numbers:
        return None
    theirs = Reporter.objects.filter(
        issue__city=city, issue__number__in=numbers, email__iexact=found.sender
    )
    reporter = theirs.select_related("issue").order_by("-issue").first()
    return reporter.issue if reporter else None


def _join(letter: Letter, found: mailroom.Letter, issue: Issue) -> None:
    """Add a reporter's reply to their issue; where it can take none, the desk reads the letter."""
    step = Step.ANSWER if issue.status == Status.NEEDS_INFO else Step.ADD
    try:
        take(issue.pk, step, actor=None, note=found.text[:4000])
    except StepNotAllowed:
        Letter.objects.filter(pk=letter.pk).update(issue=issue)
        return
    add_pictures(issue, found.pictures, letter.message_id)
    settle_letter(letter, Letter.State.JOINED, issue=issue)


def add_pictures(issue: Issue, pictures: Iterable[bytes], name: str) -> int:
    """Keep the pictures of a letter as photos; what is no picture is left out.

    Returns:
        How many were kept.
    """
    kept = 0
    for nth, data in enumerate(pictures):
        key = uuid.uuid5(issue.uuid, f"{name} {nth}")
        try:
            attach(issue.pk, data, photo_id=key)
        except (PhotoRefused, TooManyPhotos, DifferentSubmission, StorageFull):
            continue
        kept += 1
    return kept


def settle_letter(
    letter: Letter, state: Letter.State, *, by: User | None = None, issue: Issue | None = None
) -> None:
    """Write down what became of a letter; its bytes go."""
    letter.state, letter.settled_by, letter.raw = state, by, b""
    letter.issue = issue or letter.issue
    letter.save(update_fields=["state", "settled_by", "raw", "issue"])
