"""One table from error to status; one shape for programs, one page for people."""

from http import HTTPStatus

import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory
from django.utils.translation import override
from rest_framework import exceptions

import geodata.errors
import issues.errors
from civicmap import errors
from geodata.models import City

DOMAIN = [
    kind
    for module in (geodata.errors, issues.errors)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, geodata.errors.GeodataError | issues.errors.IssueError)
    and kind not in {geodata.errors.GeodataError, issues.errors.IssueError}
]
OPERATORS = {geodata.errors.UnreadableFile, geodata.errors.BadBoundaries}
"""Of the commands; no request meets them."""


def made(kind: type[Exception]) -> Exception:
    given = {
        issues.errors.StaleIssue: (3,), issues.errors.MissingDuty: ("note",),
        issues.errors.PhotoRefused: ("foto rusak",), geodata.errors.BadBoundaries: ((),),
        issues.errors.TakenAlready: ("DPS-26-000001",),
    }  # fmt: skip
    return kind(*given.get(kind, ()))


@pytest.mark.parametrize("kind", [kind for kind in DOMAIN if kind not in OPERATORS])
def test_every_error_of_the_domain_has_a_status_and_words(kind):
    error = made(kind)

    assert errors.status_of(error)
    assert 5 < len(errors.message(error)) < 200


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_no_fault_of_the_sender(kind):
    assert errors.status_of(kind()) is HTTPStatus.SERVICE_UNAVAILABLE


def test_an_error_of_the_code_has_no_status():
    assert errors.status_of(KeyError("x")) is None
    assert errors.answer(RequestFactory().get("/api/x"), KeyError("x")) is None


def test_a_kind_of_a_known_error_has_its_status():
    class Special(issues.errors.StaleIssue):
        """Istimewa."""

    assert errors.status_of(Special(1)) is HTTPStatus.CONFLICT


def test_a_reason_speaks_for_its_error():
    assert errors.message(issues.errors.PhotoRefused("foto rusak")) == "foto rusak"


@pytest.mark.parametrize("path", errors.PROGRAMS)
def test_programs_get_json(path):
    answer = errors.answer(RequestFactory().get(f"{path}x"), issues.errors.StaleIssue(3))

    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/json")


def test_faults_of_inner_fields_get_a_path():
    fault = exceptions.ValidationError({"contact": {"email": ["salah"]}, "lat": ["kurang"]})

    body = errors.api_exception(fault, {}).data

    assert body["error"]["fields"] == {"contact.email": ["salah"], "lat": ["kurang"]}


def test_a_fault_without_a_field_stands_under_no_name():
    body = errors.api_exception(exceptions.ValidationError(["salah"]), {}).data

    assert body["error"]["fields"] == {"": ["salah"]}


def test_who_asked_too_often_is_told_when_to_come_again():
    answer = errors.api_exception(exceptions.Throttled(wait=7), {})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize("kind", errors.TEXT_BY_REFUSAL)
def test_every_refusal_of_the_framework_has_words_in_both_languages(kind):
    text = errors.TEXT_BY_REFUSAL[kind]

    with override("id"):
        indonesian = str(text)
    with override("en"):
        assert str(text) != indonesian


def test_a_point_outside_is_told_with_neighbour_and_distance():
    city = City(name="Kota Denpasar", short_name="Denpasar")

    said = errors.message(geodata.errors.OutsideCoverage("Badung", 348.0), city=city)

    assert "Badung" in said
    assert "350 m di luar batas Denpasar" in said


def test_a_message_is_asked_for_in_the_readers_language():
    with override("en"):
        assert errors.message(issues.errors.UnknownIssue()) in {
            "Laporan tidak ditemukan.", "Issue not found.", "Report not found.",
        }  # fmt: skip
