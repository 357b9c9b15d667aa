"""Builders: a small sane world by default, keyword arguments for what a test cares about.

The default city has 2 × 2 villages of 0.02° around (115.2, -8.66): `1.1`, `1.2`, `2.1`, `2.2`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from geodata.crs import WGS84
from geodata.models import Asset, City, Department, Edition, Jurisdiction, Level, RoutingRule
from issues import actions
from issues.models import Category, Clock, Issue, Membership, Photo, Question, User
from issues.workflow import Role, Status, Step

LON, LAT = 115.2, -8.66
"""The corner at which the four villages of the default city meet."""
SIDE = 0.02
LONG_AGO = datetime(2013, 1, 1, tzinfo=UTC)
PASSWORD = "rahasia-untuk-uji-coba"
_HASH = make_password(PASSWORD)


def square(*, west: float = LON, south: float = LAT, side: float = SIDE) -> MultiPolygon:
    """A square with its lower left corner at (west, south), degrees, EPSG:4326."""
    box = Polygon.from_bbox((west, south, west + side, south + side))
    return MultiPolygon(box, srid=WGS84)


def city(**fields: Any) -> City:
    """A city that works Monday to Friday, 08:00 to 16:00 WITA."""
    slug = fields.pop("slug", "denpasar")
    values = {
        "name": "Kota Denpasar",
        "short_name": "Denpasar",
        "prefix": slug[:3].upper().replace("DEN", "DPS"),
        "zone": "Asia/Makassar",
        "metric_srid": 32750,
        "center": Point(LON, LAT, srid=WGS84),
        "extent": [LON - SIDE, LAT - SIDE, LON + SIDE, LAT + SIDE],
        "office_hours": {str(day): ["08:00", "16:00"] for day in range(5)},
    }
    found, _created = City.objects.get_or_create(slug=slug, defaults=values | fields)
    return found


def edition(
    layer: str, *, of: City | None = None, since: datetime = LONG_AGO, **fields: Any
) -> Edition:
    """An edition in force since `since`."""
    values: dict[str, Any] = {"source": "uji coba", "valid": DateTimeTZRange(since, None)}
    return Edition.objects.create(city=of or city(), layer=layer, **(values | fields))


def area(
    code: str,
    *,
    level: Level = Level.VILLAGE,
    shape: MultiPolygon | None = None,
    within: Edition | None = None,
    **fields: Any,
) -> Jurisdiction:
    """An area in force; a village square by default."""
    drawn = within or Edition.objects.filter(layer=level.layer).first() or edition(level.layer)
    values = {"name": code.title(), "kind": "kelurahan" if level == Level.VILLAGE else level.label}
    return Jurisdiction.objects.create(
        city=drawn.city,
        edition=drawn,
        level=level,
        code=code,
        area=shape or square(),
        **(values | fields),
    )


def villages(*, of: City | None = None) -> dict[str, Jurisdiction]:
    """Four villages in two districts of one city, edge to edge."""
    of = of or city()
    drawn = {
        level: edition(level.layer, of=of) for level in (Level.CITY, Level.DISTRICT, Level.VILLAGE)
    }
    corners = {
        "1.1": (LON - SIDE, LAT),
        "1.2": (LON, LAT),
        "2.1": (LON - SIDE, LAT - SIDE),
        "2.2": (LON, LAT - SIDE),
    }
    found = {
        code: area(
            code,
            shape=square(west=west, south=south),
            within=drawn[Level.VILLAGE],
            parent_code=code[0],
        )
        for code, (west, south) in corners.items()
    }
    for code, south in (("1", LAT), ("2", LAT - SIDE)):
        strip = MultiPolygon(
            Polygon.from_bbox((LON - SIDE, south, LON + SIDE, south + SIDE)), srid=WGS84
        )
        found[code] = area(
            code, level=Level.DISTRICT, shape=strip, within=drawn[Level.DISTRICT], parent_code="0"
        )
    whole = square(west=LON - SIDE, south=LAT - SIDE, side=2 * SIDE)
    found["0"] = area("0", level=Level.CITY, shape=whole, within=drawn[Level.CITY])
    return found


def road(
    line: Iterable[tuple[float, float]],
    *,
    road_class: str = "national",
    name: str = "Jalan Uji",
    **fields: Any,
) -> Asset:
    """A road segment in force."""
    drawn = Edition.objects.filter(layer="road").first() or edition("road")
    geom = LineString(list(line), srid=WGS84)
    return Asset.objects.create(
        city=drawn.city,
        edition=drawn,
        layer="road",
        road_class=road_class,
        name=name,
        geom=geom,
        **fields,
    )


def department(code: str = "DISHUB", **fields: Any) -> Department:
    """A department with a mailbox."""
    values = {
        "name": f"Dinas {code.title()}",
        "short_name": code.title(),
        "kind": Department.Kind.OPD,
    }
    values["email"] = f"{code.lower()}@kota.example"
    of = fields.pop("city", None) or city()
    found, _created = Department.objects.get_or_create(city=of, code=code, defaults=values | fields)
    return found


def rule(code: str, *, to: Department | str = "DISHUB", **fields: Any) -> RoutingRule:
    """A routing rule for the whole city and every kind by default."""
    target = to if isinstance(to, Department) else department(to)
    values = {"explanation": f"aturan {code}"}
    return RoutingRule.objects.create(
        city=target.city, code=code, department=target, **(values | fields)
    )


def category(code: str = "lpju-mati", **fields: Any) -> Category:
    """A fast-lane leaf with the standard clock."""
    of = fields.pop("city", None) or city()
    pace, _created = Clock.objects.get_or_create(city=of, code="standar")
    values = {"name": code.replace("-", " ").title(), "fast_lane": True, "clock": pace}
    found, _created = Category.objects.get_or_create(
        city=of, service_code=code, defaults=values | fields
    )
    return found


def question(of: Category | str, code: str, **fields: Any) -> Question:
    """A question of a category; a choice that need not be made by default."""
    asking = of if isinstance(of, Category) else category(of)
    values: dict[str, Any] = {"kind": "choice", "text": code.title()}
    if fields.get("kind", "choice") in {"choice", "choices"}:
        values["choices"] = [choice("satu"), choice("dua")]
    values["position"] = asking.questions.count()
    return Question.objects.create(category=asking, code=code, **(values | fields))


def choice(code: str) -> dict[str, str]:
    """One choice of a question."""
    return {"code": code, "label": code.title(), "label_en": f"{code.title()} (en)"}


def lamp(code: str = "L-1", *, lon: float = LON + SIDE / 2, lat: float = LAT + SIDE / 2) -> Asset:
    """A lamp in force; in the middle of village 1.2 by default."""
    drawn = Edition.objects.filter(layer="lamp").first() or edition("lamp")
    return Asset.objects.create(
        city=drawn.city, edition=drawn, layer="lamp", code=code, geom=Point(lon, lat, srid=WGS84)
    )


def world() -> City:
    """A city in which a lamp goes to DISHUB at once and anything else waits for triage."""
    of = city()
    if not Jurisdiction.objects.filter(city=of).exists():
        villages(of=of)
        rule("lampu", to="DISHUB", service_code="lpju", explanation="lampu jalan di jalan kota")
        category("lpju-mati")
        category("layanan-lambat", fast_lane=False)
    return of


def user(
    role: Role | None = None,
    *,
    department: Department | None = None,
    area_code: str = "",
    **fields: Any,
) -> User:
    """Somebody with an account, and with one role where one is given."""
    name = fields.pop("username", f"{role or 'orang'}-{uuid4().hex[:8]}")
    someone = User.objects.create(
        username=name, email=f"{name}@kota.example", password=_HASH, **fields
    )
    if role is not None:
        Membership.objects.create(
            user=someone, city=city(), department=department, role=role, area_code=area_code
        )
    return someone


def draft(**fields: Any) -> actions.Draft:
    """A report of a dead lamp in village 1.2."""
    values: dict[str, Any] = {
        "uuid": uuid4(),
        "service_code": "lpju-mati",
        "description": "Lampu jalan mati sejak tiga malam, gelap sekali.",
        "lon": LON + SIDE / 2,
        "lat": LAT + SIDE / 2,
    }
    if fields.get("area_code"):
        values |= {"lon": None, "lat": None}
    return actions.Draft(**(values | fields))


def issue(*, at: datetime | None = None, steps: Iterable[Step] = (), **fields: Any) -> Issue:
    """An issue that went through `submit` and then the given steps, each by somebody who may."""
    of = world()
    found = actions.submit(draft(**fields), city=of, at=at).issue
    for step in steps:
        found = take(found, step)
    return Issue.objects.get(pk=found.pk)


def photo(of: Issue, **fields: Any) -> Photo:
    """A clean photo of an issue, by its row alone; its files are another test's business."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "state": Photo.State.CLEAN,
        "sha256": "0" * 64,
        "size": 4,
        "content_type": "image/jpeg",
        "width": 4,
        "height": 3,
        "created_at": timezone.now(),
        "cleaned_at": timezone.now(),
    }
    found = Photo.objects.create(issue=of, **(values | fields))
    if found.state == Photo.State.CLEAN:
        Issue.objects.filter(pk=of.pk).update(photo_at=found.cleaned_at)
    return found


def take(subject: Issue, step: Step, **fields: Any) -> Issue:
    """Take a step with whatever it demands, as the first role that may."""
    subject = Issue.objects.get(pk=subject.pk)
    values: dict[str, Any] = {"actor": _actor(subject, step), "note": "catatan uji coba"}
    if step is Step.ASSIGN:
        values["department"] = department("DISHUB")
    return actions.take(subject.pk, step, **(values | fields))


def _actor(subject: Issue, step: Step) -> User | None:
    """Somebody who may: dispatcher, else liaison or crew, else the reporter."""
    confirms = step is Step.VALIDATE and subject.status == Status.RESOLVED
    if step in {Step.ANSWER, Step.WITHDRAW, Step.ADD} or confirms:
        return None
    at_department = {Step.ACCEPT, Step.REFUSE, Step.SCHEDULE, Step.START, Step.FIX, Step.RESOLVE}
    if step in at_department and subject.department:
        return user(Role.LIAISON, department=subject.department)
    if step in {Step.TRAVEL, Step.NOT_FOUND, Step.HELP, Step.WRITE} and subject.department:
        return user(Role.CREW, department=subject.department)
    return user(Role.DISPATCHER)


def uuid(number: int) -> UUID:
    """A fixed id, for tests that send it twice."""
    return UUID(int=number)


def days(number: float) -> timedelta:
    """A span of days."""
    return timedelta(days=number)
