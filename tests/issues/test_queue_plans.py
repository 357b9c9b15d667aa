"""The queues at a size where a scan of the table would be felt: every statement has an index."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Issue
from issues.views.queues import QUEUES
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

MANY = 2000
READ = ("issues_issue", "issues_event", "issues_decision", "issues_photo", "issues_reporter")


@pytest.fixture
def crowd():
    """Two thousand issues that are done and reviewed, and a few in every queue."""
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
        cursor.execute("ANALYZE issues_issue")
    make.issue(held=True)
    make.issue(service_code="layanan-lambat", email="a@contoh.id", consent=True)


def scans(plan):
    """The tables that a plan reads from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(scans(part) for part in plan.get("Plans", ())))


@pytest.mark.parametrize("queue", list(QUEUES))
def test_no_statement_of_a_queue_scans_the_issues(client, crowd, queue):
    client = office.dispatcher(client)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("triage"), {"queue": queue})
    reads = [one["sql"] for one in asked.captured_queries if '"issues_issue"' in one["sql"]]

    scanned = set()
    with connection.cursor() as cursor:
        for statement in reads:
            if statement.lstrip().startswith(("SELECT", "(SELECT")):
                cursor.execute("EXPLAIN (FORMAT JSON) " + statement)
                scanned |= scans(cursor.fetchone()[0][0]["Plan"]) & {"issues_issue"}

    assert len(reads) >= 2
    assert scanned == set()
