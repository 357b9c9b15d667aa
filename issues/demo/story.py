"""What becomes of a report in the demo: desk, department, crew, each step by its action.

A story is told along the workflow with times in office hours and ends where the present begins, so
that the newest issues stand wherever they would stand today. Nothing here writes by itself.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from geodata.models import Department
from issues import actions, jobs
from issues.demo import pictures
from issues.demo.office import Office
from issues.demo.people import Cast
from issues.models import Category, Issue, Photo, User
from issues.workflow import Status, Step

RECENT: Final = timedelta(days=60)
"""How far back stories are told in full; older ones leave out who looked and who set out."""

_ENDLESS: Final = 99
_HURRY: Final[Mapping[str, float]] = {
    Category.Nature.EMERGENCY: 0.1,
    Category.Nature.URGENT: 0.6,
}


class NotYet(Exception):
    """The story has not come that far."""


@dataclass(frozen=True, slots=True)
class Script:
    """What all stories of a city share: people, offices, words, how often what happens."""

    cast: Cast
    office: Office
    words: Mapping[str, Any]
    shares: Mapping[str, float]
    instead: Mapping[str, Department]
    anywhere: Sequence[Department]
    now: datetime


class Story:
    """One issue on its way."""

    def __init__(self, issue: Issue, script: Script, rng: Random, *, pictured: bool) -> None:
        """Begin at the moment of the report."""
        self.issue = issue
        self.script = script
        self.rng = rng
        self.at = issue.received_at
        self.pace = _HURRY.get(issue.category.nature, 1.0) * rng.lognormvariate(0, 0.6)
        self.left = rng.randint(0, 3) if self.happens("stuck") else _ENDLESS
        self.pictured = pictured and not issue.confidential
        self.is_recent = script.now - self.at < RECENT

    def happens(self, share: str) -> bool:
        """Draw whether something happens to this issue."""
        return self.rng.random() < self.script.shares[share]

    def wait(self, low: float, high: float, *, pace: float | None = None) -> None:
        """Let working hours pass, more for a slow office; stop at the present.

        Args:
            low: fewest hours.
            high: most hours, before the pace.
            pace: factor for these hours; default: the office's own.
        """
        hours = self.rng.uniform(low, high) * (self.pace if pace is None else pace)
        at = self.script.office.after(self.at, hours)
        if at > self.script.now:
            raise NotYet
        self.at = at

    def take(self, step: Step, actor: User | None, note: str = "", **fields: Any) -> None:
        """Take a step now, unless nothing happens any more."""
        if self.left == 0:
            raise NotYet
        self.left -= 1
        self.issue = actions.take(self.issue.pk, step, actor=actor, note=note, at=self.at, **fields)

    def word(self, kind: str) -> str:
        """Choose what is said in passing."""
        return str(self.rng.choice(self.script.words["words"][kind]))

    def phrase(self, table: str) -> str:
        """Choose what an office writes about this kind of problem."""
        said = self.script.words[table]
        jenis = self.issue.category.service_code
        fitting = [key for key in said if jenis == key or jenis.startswith(f"{key}-")]
        return str(self.rng.choice(said[fitting[0] if fitting else "semua"]))

    @property
    def dispatcher(self) -> User:
        """Whoever sends issues to departments."""
        return self.script.cast.dispatcher

    @property
    def liaison(self) -> User:
        """Whoever answers for the department that has the issue."""
        return self.script.cast.liaisons[self._department_id]

    @property
    def crew(self) -> User:
        """Whoever repairs for the department that has the issue."""
        return self.script.cast.crews[self._department_id]

    @property
    def _department_id(self) -> int:
        if self.issue.department_id is None:
            raise NotYet
        return self.issue.department_id

    def picture(self, actor: User | None, *, fixed: bool) -> None:
        """Add a photo and have it cleaned as any other."""
        if not self.pictured or self.issue.point is None:
            return
        data = pictures.draw(
            self.issue.category.service_code,
            self.issue.pk,
            fixed=fixed,
            at=self.at.astimezone(ZoneInfo(self.issue.city.zone)),
            place=(self.issue.point.x, self.issue.point.y),
        )
        photo = actions.attach(
            self.issue.pk,
            data,
            photo_id=UUID(int=self.rng.getrandbits(128), version=4),
            actor=actor,
            kind=Photo.Kind.AFTER if fixed else Photo.Kind.BEFORE,
            at=self.at,
        )
        jobs.clean_photo(str(photo.pk))

    def review(self) -> None:
        """Release words and photos to the public."""
        clean = self.issue.photos.filter(state=Photo.State.CLEAN) if self.pictured else ()
        self.issue = actions.review(
            self.issue.pk,
            actor=self.dispatcher,
            version=None,
            public_text=self.issue.description,
            released=[photo.pk for photo in clean],
            at=self.at,
        )


def tell(story: Story, *, original: Issue | None) -> None:
    """Tell what becomes of an issue, as far as it has come by now.

    Args:
        story: just reported.
        original: an earlier report of the same thing, if there is one.
    """
    story.at += timedelta(minutes=1)
    story.picture(None, fixed=False)
    with suppress(NotYet):
        _look_at_it(story)
        if original is not None:
            story.take(Step.MERGE, story.dispatcher, original=original)
            return
        if story.happens("rejected"):
            story.wait(0.5, 6)
            story.take(Step.REJECT, story.dispatcher, story.word("reject"))
            return
        if story.happens("withdrawn"):
            story.wait(1, 12)
            story.take(Step.WITHDRAW, None, story.word("withdraw"))
            return
        _find_the_department(story)
        _work(story)


def _look_at_it(story: Story) -> None:
    story.wait(0.2, 5)
    if not story.issue.confidential and not story.happens("unreviewed"):
        story.review()


def _find_the_department(story: Story) -> None:
    """Go through the desk where nobody has the issue, and again where a department refuses it."""
    if story.issue.department_id is None:
        story.take(Step.VERIFY, story.dispatcher, story.word("verify"))
        story.wait(0.1, 3)
        decision = story.issue.decisions.last()
        routed = decision.department if decision else None
        target = routed or story.rng.choice(story.script.anywhere)
        story.take(Step.ASSIGN, story.dispatcher, department=target)
    refusing = story.issue.department
    instead = story.script.instead.get(refusing.code) if refusing else None
    if instead is not None and story.happens("refused"):
        story.wait(1, 8)
        story.take(Step.REFUSE, story.liaison, story.word("refuse"))
        story.wait(0.5, 5)
        story.take(Step.ASSIGN, story.dispatcher, department=instead)


def _work(story: Story) -> None:
    department = story.issue.department
    if department is not None and department.external:
        _by_outsiders(story)
    else:
        _by_the_office(story)
    if story.issue.status == Status.RESOLVED and story.happens("reopened"):
        _once_more(story)


def _by_outsiders(story: Story) -> None:
    """Send a work order, write down the answer and the end."""
    story.wait(0.5, 6)
    story.take(Step.FORWARD, story.dispatcher, story.word("forward"))
    story.wait(4, 24)
    story.take(Step.RECEIVE, story.dispatcher, story.word("receive"))
    story.wait(2, 20)
    story.take(Step.RESOLVE, story.liaison, story.phrase("done") + story.word("no_photo"))


def _by_the_office(story: Story) -> None:
    story.wait(0.5, 7)
    if story.is_recent:
        actions.see(story.issue, story.liaison, at=story.at)
    if story.happens("asked"):
        _ask(story)
    if story.rng.random() < 0.5:  # noqa: PLR2004  half of the offices write, half only accept
        story.take(Step.RESPOND, story.liaison, story.phrase("respond"))
    else:
        story.take(Step.ACCEPT, story.liaison)
    if story.happens("scheduled"):
        story.wait(0.5, 5)
        story.take(Step.SCHEDULE, story.liaison, story.phrase("schedule"))
    story.wait(1, 12)
    _repair(story)


def _ask(story: Story) -> None:
    story.take(Step.ASK, story.liaison, story.word("ask"))
    story.wait(2, 20)
    story.take(Step.ANSWER, None, story.word("answer"))
    story.wait(0.5, 4)


def _repair(story: Story) -> None:
    if story.is_recent or story.issue.status != Status.RESPONDED:
        story.take(Step.START, story.crew)
    story.wait(0.5, 9)
    story.picture(story.crew, fixed=True)
    said = story.phrase("done")
    story.take(Step.RESOLVE, story.crew, said if story.pictured else said + story.word("no_photo"))
    if story.pictured:
        story.wait(0.2, 4)
        story.review()


def _once_more(story: Story) -> None:
    """The reporter says that it is not fixed; somebody comes again."""
    # Ten working days are all that a reporter has, however slow the office was.
    story.wait(4, 30, pace=1)
    story.take(Step.REOPEN, None, story.word("reopen"))
    if story.issue.department is not None and not story.issue.department.external:
        story.wait(1, 10)
        _repair(story)
