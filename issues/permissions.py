"""In which roles a person stands to an issue, and so what they may do to it."""

from collections.abc import Collection

from issues.errors import NotPermitted, StepNotAllowed
from issues.models import Issue, Photo, User
from issues.workflow import OF_PARTS, OF_THE_WHOLE, Role, Step, rule, steps


def roles(user: User | None, issue: Issue) -> frozenset[Role]:
    """List the roles in which somebody stands to an issue.

    Args:
        user: a person with an account; None is the reporter, whose secret the caller has proved.
        issue: any issue; `department` and `jurisdiction` are read.

    Returns:
        Every role that a membership (city, department, area) gives; empty for strangers.
    """
    if user is None:
        return frozenset({Role.REPORTER})
    if not user.is_active:
        return frozenset()
    standing = frozenset(
        Role(membership.role)
        for membership in user.memberships.all()
        if membership.city_id == issue.city_id
        and membership.department_id in {None, issue.department_id}
        and (not membership.area_code or membership.area_code in area_codes(issue))
    )
    if Role.DISPATCHER in standing and issue.department is not None and issue.department.external:
        # Outside parties have no account: the coordination team answers in their place.
        return standing | {Role.LIAISON}
    return standing


def allowed(
    issue: Issue, user: User | None, *, among: Collection[Step] = tuple(Step)
) -> tuple[Step, ...]:
    """List the steps that somebody may take now, in the order of `Step`: the page's buttons.

    Args:
        issue: any issue.
        user: a person with an account; None is the reporter.
        among: the steps that a page has room for; nothing is asked that only others would need.
    """
    barred = _barred(issue, user, among)
    offered = tuple(
        step
        for step in steps(
            issue.workflow_status, roles(user, issue), validation=needs_validation(issue)
        )
        if step in among and step not in barred
    )
    if Step.VALIDATE in offered and (_did_the_repair(issue, user) or _has_confirmed(issue, user)):
        return tuple(step for step in offered if step is not Step.VALIDATE)
    return offered


def role_for(issue: Issue, step: Step, user: User | None) -> Role:
    """Say in which capacity somebody takes a step now.

    Raises:
        StepNotAllowed: the workflow has no such step here, or the repair waits for a second person.
        NotPermitted: the person stands in no role that may take it, or is not that second person.
    """
    cell = rule(issue.workflow_status, step)
    standing = roles(user, issue)
    fitting = [role for role in Role if role in cell.roles and role in standing]
    if not fitting or (step is Step.VALIDATE and _did_the_repair(issue, user)):
        raise NotPermitted
    if step in _barred(issue, user, {step}):
        raise StepNotAllowed(issue.workflow_status, step)
    if step is Step.RESOLVE and needs_validation(issue):
        raise StepNotAllowed(issue.workflow_status, step)
    return fitting[0]


def _barred(issue: Issue, user: User | None, among: Collection[Step]) -> frozenset[Step]:
    """List what cannot be done because of how an issue is divided, or of who made it confidential.

    What a reporter wanted kept from the public nobody discloses; what one of the staff did, another
    may undo: it takes two to widen.
    """
    barred = frozenset({Step.CONFIDE if issue.confidential else Step.DISCLOSE})
    asks_who = issue.confidential and Step.DISCLOSE in among
    if asks_who and not _another_confided(issue, user):
        barred |= {Step.DISCLOSE}
    if issue.parent_id is not None:
        return barred | OF_THE_WHOLE
    asks_parts = issue.is_split and bool(OF_PARTS & set(among))
    return barred | OF_PARTS if asks_parts and issue.has_open_parts else barred


def _another_confided(issue: Issue, user: User | None) -> bool:
    """Whether somebody else of the staff made an issue confidential."""
    last = issue.events.filter(step=Step.CONFIDE).order_by("-seq").values_list("actor", flat=True)
    return any(actor is not None and (user is None or actor != user.pk) for actor in last[:1])


def needs_validation(issue: Issue) -> bool:
    """Whether a repair of this issue waits for a second person."""
    return issue.department is not None and issue.department.validates


def _did_the_repair(issue: Issue, user: User | None) -> bool:
    """Whether somebody would validate their own repair."""
    last = issue.events.filter(step=Step.FIX).order_by("-seq").values_list("actor", flat=True)[:1]
    return user is not None and user.pk in last


def _has_confirmed(issue: Issue, user: User | None) -> bool:
    """Whether the reporter has said already that it is fixed."""
    return user is None and issue.confirmed_at is not None


def area_codes(issue: Issue) -> frozenset[str]:
    """List the codes of the areas that hold an issue: village and district."""
    if issue.jurisdiction is None:
        return frozenset()
    return frozenset({issue.jurisdiction.code, issue.jurisdiction.parent_code} - {""})


def sees_identity(issue: Issue, user: User) -> bool:
    """Whether somebody may read who reported: a dispatcher, a liaison unless it is anonymous."""
    standing = roles(user, issue)
    return Role.DISPATCHER in standing or (Role.LIAISON in standing and not issue.anonymous)


def sees_original(issue: Issue, user: User) -> bool:
    """Whether somebody may read the reporter's own words and unreleased photos.

    Confidential words stay with those who handle them. A crew gets a work order: of anonymous and
    confidential issues only what was released.
    """
    standing = roles(user, issue)
    if standing & {Role.DISPATCHER, Role.LIAISON}:
        return True
    if issue.confidential:
        return False
    overview = bool(standing & {Role.LEADER, Role.ADMINISTRATOR})
    return overview or (Role.CREW in standing and not issue.anonymous)


def is_sealed(issue: Issue) -> bool:
    """Whether words and photos were reviewed and nothing new waits: the original asks for a reason.

    Before a review, reading the original is the work itself.
    """
    if issue.reviewed_at is None:
        return False
    newer = issue.photos.filter(
        state=Photo.State.CLEAN, public=False, cleaned_at__gt=issue.reviewed_at
    )
    return not newer.exists()
