"""The workflow table over its full product of status, step and role."""

import pytest

from issues.errors import StepNotAllowed
from issues.workflow import (
    CLOSED,
    INTERNAL,
    LAYER,
    OPEN,
    PUBLIC_NOTES,
    REPORTER_NOTES,
    TABLE,
    Layer,
    Role,
    Status,
    Step,
    Target,
    rule,
    steps,
    target,
)

CELLS = [(status, step) for status in Status for step in Step]


def leads_to(status: Status, step: Step) -> set[Status]:
    """Every status to which a cell may lead."""
    match TABLE[status, step].target:
        case Target.UNCHANGED:
            return {status}
        case Target.ROUTED:
            return {Status.ASSIGNED, Status.SUBMITTED}
        case Target.PREVIOUS | Target.TAKEN_BACK:
            return {before for (before, taken), cell in TABLE.items() if cell.target == status}
        case found:
            return {found}


@pytest.mark.parametrize(("status", "step"), CELLS)
def test_a_cell_is_in_the_table_or_refused(status: Status, step: Step) -> None:
    if (status, step) in TABLE:
        assert rule(status, step).roles
    else:
        with pytest.raises(StepNotAllowed):
            rule(status, step)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("status", "step"), CELLS)
def test_a_button_is_offered_exactly_where_the_table_lets_the_role(
    status: Status, step: Step, role: Role
) -> None:
    cell = TABLE.get((status, step))
    may = cell is not None and role in cell.roles

    offered = {*steps(status, [role]), *steps(status, [role], validation=True)}

    assert (step in offered) == may


def test_every_status_can_be_reached() -> None:
    reached = {Status.SUBMITTED}
    while (
        grown := {
            found for status, step in TABLE if status in reached for found in leads_to(status, step)
        }
        - reached
    ):
        reached |= grown

    assert reached == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_status_can_be_left_for_a_closed_one(status: Status) -> None:
    reached = {status}
    while (
        grown := {
            found for here, step in TABLE if here in reached for found in leads_to(here, step)
        }
        - reached
    ):
        reached |= grown

    assert reached & CLOSED


@pytest.mark.parametrize("status", Status)
def test_every_status_but_duplicate_has_a_public_layer(status: Status) -> None:
    assert (LAYER[status] is None) == (status is Status.DUPLICATE)


def test_a_closed_status_lies_on_a_closed_layer() -> None:
    assert {LAYER[status] for status in CLOSED} == {Layer.DONE, Layer.CLOSED, None}


def test_no_open_status_lies_on_a_closed_layer() -> None:
    assert not {LAYER[status] for status in OPEN} & {Layer.DONE, Layer.CLOSED, None}


def test_validation_replaces_resolve_by_fix() -> None:
    alone = steps(Status.IN_PROGRESS, [Role.CREW])
    with_second = steps(Status.IN_PROGRESS, [Role.CREW], validation=True)

    assert (Step.RESOLVE in alone, Step.FIX in alone) == (True, False)
    assert (Step.RESOLVE in with_second, Step.FIX in with_second) == (False, True)


def test_an_answer_leads_back_to_where_the_question_was_asked() -> None:
    cell = rule(Status.NEEDS_INFO, Step.ANSWER)

    found = target(cell, status=Status.NEEDS_INFO, previous=Status.SCHEDULED, has_department=True)

    assert found is Status.SCHEDULED


@pytest.mark.parametrize(
    ("has_department", "expected"), [(True, Status.ASSIGNED), (False, Status.SUBMITTED)]
)
def test_a_reroute_leads_to_the_department_or_to_triage(
    *, has_department: bool, expected: Status
) -> None:
    cell = rule(Status.ASSIGNED, Step.REROUTE)

    found = target(cell, status=Status.ASSIGNED, previous=None, has_department=has_department)

    assert found is expected


def test_what_the_reporter_says_is_never_public_by_itself() -> None:
    said = {step for (_status, step), cell in TABLE.items() if Role.REPORTER in cell.roles}

    assert not said & PUBLIC_NOTES
    assert PUBLIC_NOTES <= REPORTER_NOTES
    # A crew's letter is the reporter's to read, and no part of the public story.
    assert {Step.WRITE} == INTERNAL & REPORTER_NOTES


def test_layers_have_their_own_slugs() -> None:
    assert len({layer.slug for layer in Layer}) == len(Layer)
