"""The preview against a slow oracle: real villages, shifted borders, 500 issues, shapely alone."""

import random

import geopandas
import pytest
import shapely
from django.core.files.base import ContentFile

from geodata import boundaries
from geodata.editions import Provenance
from geodata.models import Draft, Level
from issues.actions import enacting, proposing
from issues.actions.proposing import Origin
from issues.models import Event, Issue
from issues.workflow import Role, Step
from tests import make

ISSUES = 500
OFFICES = 5
SHIFT = (0.0021, 0.0013)
"""Degrees east and north by which the new set lies beside the old one."""
EXTENT = [115.1, -8.8, 115.35, -8.5]


@pytest.fixture
def old(shared_data):
    path = shared_data / "boundaries-denpasar" / "denpasar_desa.geojson"
    return boundaries.read(path, level=Level.VILLAGE).frame


@pytest.fixture
def city(db, old, settings, tmp_path, shared_data):
    """Denpasar with a department for every fifth village, and none for a few."""
    settings.MEDIA_ROOT = tmp_path / "media"
    of = make.city(extent=EXTENT)
    folder = shared_data / "boundaries-denpasar"
    for level, name in ((Level.CITY, "kota"), (Level.VILLAGE, "desa")):
        layer = boundaries.read(folder / f"denpasar_{name}.geojson", level=level)
        areas = boundaries.features(layer.frame)
        boundaries.replace(of, level, areas, provenance=Provenance(source="BIG"))
    make.category("lpju-mati")
    for code in old["code"]:
        if office(code):
            make.rule(
                f"lampu-{code}", to=office(code), service_code="lpju", level=3, area_code=code
            )
    return of


def office(code):
    number = int("".join(filter(str.isdecimal, code))) % (OFFICES + 1)
    return f"D{number}" if number else ""


def owner(villages, point):
    """Who owns a point: the village with the smallest code that covers it, one by one."""
    covering = [code for code, shape in villages if shape.covers(point)]
    return office(min(covering)) if covering else ""


def scattered(villages):
    dice = random.Random(5)  # noqa: S311  a fixed series, no secret
    whole = shapely.union_all([shape for _code, shape in villages])
    west, south, east, north = whole.bounds
    while True:
        spot = shapely.Point(dice.uniform(west, east), dice.uniform(south, north))
        if whole.covers(spot):
            yield spot


def test_the_preview_is_what_shapely_says_and_what_publication_moves(city, old, tmp_path):
    boss = make.user(Role.ADMINISTRATOR)
    before = list(zip(old["code"], old.geometry, strict=True))
    shifted = [(code, shapely.transform(shape, lambda xy: xy + SHIFT)) for code, shape in before]
    issues = {
        make.issue(lon=spot.x, lat=spot.y).pk: spot
        for spot, _number in zip(scattered(before), range(ISSUES), strict=False)
    }
    closed, sent = list(issues)[:10], list(issues)[10:20]
    for pk in closed:
        make.take(Issue.objects.get(pk=pk), Step.REJECT)
    for pk in sent:
        issue = Issue.objects.get(pk=pk)
        step = Step.REROUTE if issue.department else Step.ASSIGN
        make.take(issue, step, department=make.department("PUPR"))
    expected = {
        (pk, owner(before, spot), owner(shifted, spot))
        for pk, spot in issues.items()
        if pk not in {*closed, *sent} and owner(before, spot) != owner(shifted, spot)
    }

    draft = proposed(city, boss, old, shifted, tmp_path)
    foreseen = {(one["issue"], one["old"], one["new"]) for one in draft.impact}
    proposing.publish(draft.pk, actor=boss)
    enacting.enact(draft.pk)
    done = Draft.objects.get(pk=draft.pk).impact
    events = [event.issue_id for event in Event.objects.filter(step=Step.REROUTE, actor=boss)]
    owners = dict(Issue.objects.filter(pk__in=issues).values_list("pk", "department__code"))
    proposing.undo(draft.pk, actor=boss)
    enacting.revoke(draft.pk)
    after = dict(Issue.objects.filter(pk__in=issues).values_list("pk", "department__code"))

    assert len(expected) > 40
    assert foreseen == expected
    assert {(one["issue"], one["old"], one["new"]) for one in done} == expected
    assert sorted(events) == sorted(pk for pk, _old, _new in expected)
    assert all((owners[pk] or "") == new for pk, _old, new in expected)
    assert all((after[pk] or "") == owned for pk, owned, _new in expected)


def proposed(city, boss, old, shifted, tmp_path):
    """Upload the shifted villages as an administrator does; a worker checks and weighs them."""
    frame = geopandas.GeoDataFrame(
        {"kode_kemendagri": old["code"], "nama": old["name"], "kode_kecamatan": old["parent_code"]},
        geometry=[shape for _code, shape in shifted],
        crs="EPSG:4326",
    )
    path = tmp_path / "bergeser.geojson"
    path.write_text(frame.to_json(drop_id=True))
    file = ContentFile(path.read_bytes(), name=path.name)
    draft = proposing.upload(city, Level.VILLAGE, file, origin=Origin("bergeser"), actor=boss)
    proposing.check(draft.pk)
    enacting.weigh(draft.pk)
    return Draft.objects.get(pk=draft.pk)
