from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from geodata.models import City
from issues import outbox
from tests import make


class Regret(Exception):
    """Somebody changes their mind in the middle of a transaction."""


def put_and_regret():
    with transaction.atomic():
        make.city()
        outbox.put("receipt", event_id=7)
        raise Regret


@pytest.mark.django_db(transaction=True)
def test_a_job_comes_with_its_data(queue):
    with transaction.atomic():
        make.city()
        outbox.put("receipt", event_id=7)

    [job] = queue()
    assert (job.task_name, job.args, job.status) == ("receipt", {"event_id": 7}, "todo")
    assert City.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_with_its_data(queue):
    with pytest.raises(Regret):
        put_and_regret()

    assert queue() == []
    assert not City.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_put_by_a_running_job_goes_with_its_data_too(queue):
    """The library's own `defer` would write through the worker's connections, and stay."""
    worker = app.connector.get_worker_connector()
    with app.replace_connector(worker) as working, working.open(), pytest.raises(Regret):
        put_and_regret()

    assert queue() == []


@pytest.mark.django_db(transaction=True)
def test_a_job_outside_a_transaction_is_refused(queue):
    with pytest.raises(transaction.TransactionManagementError):
        outbox.put("receipt", event_id=7)

    assert queue() == []


@pytest.mark.django_db
def test_a_name_without_a_lane_is_refused():
    with pytest.raises(KeyError):
        outbox.put("shout", event_id=7)


def test_ids_travel_as_json(queue):
    outbox.put("clean_photo", photo_id=UUID(int=1))

    assert [job.args for job in queue()] == [{"photo_id": "00000000-0000-0000-0000-000000000001"}]


def test_many_jobs_are_one_statement(queue, django_assert_num_queries):
    with django_assert_num_queries(1):
        outbox.put_all(["receipt", "tell_office"], event_id=7)
    with django_assert_num_queries(0):
        outbox.put_all([], event_id=7)

    assert len(queue()) == 2


def test_a_status_mail_waits_for_second_thoughts_and_a_receipt_does_not(queue):
    outbox.put_all(["receipt", "tell_reporter"], event_id=7)

    receipt, status = queue()
    assert receipt.scheduled_at is None
    assert status.scheduled_at > timezone.now() + outbox.UNDO / 2


def test_receipts_overtake_photos_and_photos_overtake_status_mails():
    lanes = outbox.LANES

    assert lanes["receipt"].priority > lanes["clean_photo"].priority
    assert lanes["clean_photo"].priority > lanes["tell_reporter"].priority
