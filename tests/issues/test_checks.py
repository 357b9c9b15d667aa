import subprocess
import sys
from dataclasses import replace

import pytest

from issues import checks, notifications, outbox
from issues.models import Category
from issues.workflow import Step
from tests import make


def test_every_notice_has_its_lane_and_every_lane_its_task():
    assert checks.jobs_exist() == []


def test_a_notice_without_a_lane_is_an_error(monkeypatch):
    monkeypatch.setattr(notifications, "NOTICES", {Step.SUBMIT: ("shout",)})

    assert "“shout”, which has no lane" in checks.jobs_exist()[0].msg


def test_a_lane_without_a_task_is_an_error(monkeypatch):
    lane = outbox.LANES["receipt"]
    monkeypatch.setattr(outbox, "LANES", {**outbox.LANES, "shout": lane})

    assert checks.jobs_exist()[0].msg == "the lane “shout” leads to no task"


def test_a_task_in_another_queue_than_its_lane_is_an_error(monkeypatch):
    lane = replace(outbox.LANES["receipt"], queue="slow")
    monkeypatch.setattr(outbox, "LANES", {**outbox.LANES, "receipt": lane})

    assert "its lane in slow" in checks.jobs_exist()[0].msg


@pytest.mark.django_db
def test_the_citys_rules_are_looked_at_with_its_database():
    make.world()
    assert checks.rules_lead_somewhere(databases=["default"]) == []

    make.rule("hantu", service_code="tidak-ada")

    [warning] = checks.rules_lead_somewhere(databases=["default"])
    assert "hantu" in warning.msg


@pytest.mark.django_db
def test_before_the_first_migration_there_is_nothing_to_look_at(monkeypatch):
    monkeypatch.setattr(Category._meta, "db_table", "not_yet_there")

    assert checks.rules_lead_somewhere(databases=["default"]) == []
    assert checks.rules_lead_somewhere(databases=None) == []


def test_django_brings_these_checks_by_itself():
    """In a process of its own: here they have been imported by the tests."""
    program = (
        "import django; django.setup(); from django.core.checks.registry import registry;"
        "print(*{check.__module__ for check in registry.get_checks()})"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert {"issues.checks", "civicmap.checks"} <= set(said.stdout.split())
