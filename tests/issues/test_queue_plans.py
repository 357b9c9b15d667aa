"""The queues at a size where a scan of the table would be felt: every statement has an index."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Issue
from issues.views.queues import QUEUES
from issues.workflow import Step
from tests import make, proof
from tests.issues import office

pytestmark = pytest.mark.django_db

MANY = proof.size(whole=200_000, part=20_000)
"""So many that a scan is dearer than an index."""


@pytest.fixture
def crowd():
    """Many issues that are done and reviewed, and a few in every queue."""
    done = make.issue()
    with connection.cursor() as cursor:
        columns = [field.column for field in Issue._meta.concrete_fields if field.column != "id"]
        drawn = {
            "uuid": "gen_random_uuid()",
            "number": "'OLD-' || n",
            "token_hash": "md5(n::text)",
            "status": "'resolved'",
            "closed_at": "now()",
            "reviewed_at": "now()",
            "looked_on": "true",
            "received_at": "now() - n * interval '1 hour'",
        }
        values = ", ".join(drawn.get(column, f'"{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f"INSERT INTO issues_issue ({names}) SELECT {values} FROM issues_issue,"  # noqa: S608
            f" generate_series(1, {MANY}) n WHERE id = {done.pk}"
        )
    make.issue(held=True)
    make.issue(service_code="layanan-lambat", steps=[Step.ASK])
    make.issue(service_code="layanan-lambat", email="a@contoh.id", consent=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def scans(plan):
    """The tables that a plan reads from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(scans(part) for part in plan.get("Plans", ())))


def issue_reads(client, queue):
    """The statements that a queue's page asks of the issues."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("triage"), {"queue": queue}).status_code == 200
    assert len(asked) <= 12
    return [one["sql"] for one in asked.captured_queries if '"issues_issue"' in one["sql"]]


def test_no_statement_of_a_queue_scans_the_issues(client, crowd):
    client = office.dispatcher(client)
    for queue in QUEUES:
        for statement in issue_reads(client, queue):
            with connection.cursor() as cursor:
                # Else leftovers of other tests decide; a scan is left where no index serves.
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("EXPLAIN (FORMAT JSON) " + statement)
                plan = cursor.fetchone()[0][0]["Plan"]
                cursor.execute("SET LOCAL enable_seqscan = on")
            assert "issues_issue" not in scans(plan), (queue, statement[:200])
