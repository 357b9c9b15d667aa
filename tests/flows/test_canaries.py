"""Words, names and places that nobody may see, planted everywhere and looked for everywhere.

Every private column of every table gets a canary of its own. Then each role walks through every
address of the address book; a canary may appear only where the lists below let it.
"""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata.crs import WGS84
from geodata.models import RoutingRule
from geodata.tiles import MAX_ZOOM, Tile
from issues import actions
from issues.models import FieldOp, Flag, Issue, Letter, Photo, Reporter
from issues.notifications import links
from issues.workflow import Role, Step
from tests import make

AT = datetime(2026, 3, 10, 3, 17, 43, tzinfo=UTC)
STAFF_NOTES = (Step.NOTE, Step.ASK, Step.HIDE, Step.UNHIDE)
PERSON = {
    "name": "Kenarinama",
    "email": "kenarisurel@example.com",
    "phone": "0812 7777 4242",
}
NEVER_OF_A_CREW = {"anonymous", "confidential"}


def plant(kind: str) -> Issue:
    """Make an issue whose every private column names it."""
    flags = {"anonymous": kind == "anonymous", "confidential": kind == "confidential"}
    issue = make.issue(
        at=AT,
        description=f"Kenarikata {kind}: lampu mati.",
        address=f"Kenarialamat {kind}",
        answers={"tiang": f"Kenarijawaban {kind}"},
        consent=True,
        **flags,
        **{name: f"{kind}{value}" for name, value in PERSON.items()},
    )
    make.photo(
        issue,
        reason=f"Kenarialasan {kind}",
        gps=Point(115.123456, -8.123456, srid=WGS84),
        phash=f"kenari{kind[:8]}",
    )
    make.take(issue, Step.NOTE, note=f"Kenaricatatan {kind}")
    make.take(issue, Step.ASK, note=f"Kenaritanya {kind}")
    make.take(issue, Step.ANSWER, note=f"Kenarijawab {kind}", actor=None)
    if kind == "plain":
        words = (f"Kenarikomentar {kind}", "Kenarisamaran", "0" * 64)
        actions.comment(issue.pk, actions.Remark(make.uuid(7), *words, None, paid=True))
    if kind == "hidden":
        make.take(issue, Step.HIDE, note=f"Kenarisembunyi {kind}")
    return Issue.objects.get(pk=issue.pk)


KINDS = ("plain", "anonymous", "confidential", "hidden")
SECRET = re.compile(rb"Kenari\w+|kenari\w+|0812 7777 4242|115\.123456|8\.123456")


@pytest.fixture
def planted() -> dict[str, Issue]:
    issues = {kind: plant(kind) for kind in KINDS}
    Letter.objects.create(
        city=make.city(),
        message_id="<kenaripesan@example.com>",
        sender="kenaripengirim@example.com",
        sender_name="Kenaripengirim",
        subject="Kenarisurat",
        text="Kenariisi: lampu mati.",
        received_at=AT,
    )
    for number, issue in enumerate(issues.values()):
        Flag.objects.create(issue=issue, kind=Flag.Kind.HELP, raised_at=AT)
        FieldOp.objects.create(
            id=make.uuid(90 + number),
            user=make.user(Role.CREW, department=make.department("DISHUB")),
            issue=issue,
            step=Step.RESOLVE,
            note="Kenarilapangan",
            base_version=1,
            sent_at=AT,
            received_at=AT,
            state=FieldOp.State.CONFLICT,
            body_hash="0" * 64,
            answer={"theirs": []},
        )
    return issues


def patterns(found=None, prefix="") -> Iterator[str]:
    for one in get_resolver().url_patterns if found is None else found:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield path


def addresses(issues: dict[str, Issue]) -> Iterator[str]:
    """Fill every address with everything that is there."""
    values = {
        "<str:number>": [issue.number for issue in issues.values()],
        "<uuid:uuid>": [str(issue.uuid) for issue in issues.values()],
        "<uuid:photo>": [str(pk) for pk in Photo.objects.values_list("pk", flat=True)],
        "<int:generation>": ["0"],
        "<str:size>": ["small", "large"],
        "<int:flag>": [str(pk) for pk in Flag.objects.values_list("pk", flat=True)],
        "<int:letter>": [str(pk) for pk in Letter.objects.values_list("pk", flat=True)],
        "<int:rule>": [str(pk) for pk in RoutingRule.objects.values_list("pk", flat=True)],
        **{place: ["1"] for place in ("<int:pk>", "<int:draft>", "<int:area>")},
        "<str:code>": ["L-1"],
        "<str:token>": [links.make(links.MUTE, issue.pk) for issue in issues.values()],
    }
    for path in patterns():
        if path.startswith(("admin/", "akun/", "tiles/", "peta/dasar/")):
            continue
        places = re.findall(r"<[^>]+>", path)
        for filling in itertools.product(*(values[place] for place in places)):
            whole = path
            for place, value in zip(places, filling, strict=True):
                whole = whole.replace(place, value, 1)
            yield f"/{whole}"
    for z in range(MAX_ZOOM + 1):
        tile = Tile.holding(make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2, z=z)
        yield f"/tiles/{tile.z}/{tile.x}/{tile.y}"
        yield f"/tiles/{tile.z}/{tile.x}/{tile.y}.mvt"
        yield f"/peta/dasar/{tile.z}/{tile.x}/{tile.y}"
        yield f"/tiles/{tile.z}/{tile.x}/{tile.y}?as_of=2026-03-12"
    for issue in issues.values():
        yield f"/kerja/triase?queue=jalur-cepat&n={issue.number}"
    for pk in Letter.objects.values_list("pk", flat=True):
        yield f"/kerja/kanal?surel={pk}"
    yield from MORE


MORE = [
    "/laporan?category=lpju-mati", "/laporan?area=1.2", "/laporan?overdue=1", "/peta/cari?q=kenari",
    "/laporan?as_of=2026-03-12", "/?as_of=2026-03-12", "/peta/waktu?area=1.2",
    "/embed/?list=0&drawing=heat",
    "/lacak?nomor=DPS-26-000001", "/lacak?nomor=DPS-26-000003", "/lacak?nomor=DPS-26-000004",
    "/api/issues?bbox=115,-9,116,-8", "/api/issues?limit=1", "/kerja/papan?unseen=on",
    "/kerja/triase?queue=tinjau", "/kerja/triase?queue=jalur-cepat",
    "/kerja/lapangan?lat=-8.65&lon=115.21", "/peta/aset?layer=lamp&lat=-8.65&lon=115.21",
    "/a?kode=L-1", "/lapor?aset=L-1", "/laporan.rss?area=1.2", "/ikuti?laporan=DPS-26-000001",
    "/api/categories?lat=-8.65&lon=115.21",
]  # fmt: skip


def body(response) -> bytes:
    """Read an answer to its end, which closes a file that it streams."""
    return b"".join(response) if response.streaming else response.content


def walk(client: Client, issues: dict[str, Issue]) -> Iterator[tuple[str, set[bytes]]]:
    """Yield every address with the canaries that sang there."""
    for path in addresses(issues):
        response = client.get(path)
        content = body(response)
        heads = " ".join(response.headers.values()).encode()
        yield path, set(SECRET.findall(content + heads))


def entered(role: Role | None) -> Client:
    client = Client(raise_request_exception=False)
    if role:
        department = make.department() if role in {Role.CREW, Role.LIAISON} else None
        client.force_login(
            make.user(role, department=department),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    return client


def test_strangers_hear_no_canary_anywhere(planted):
    sung = {path: found for path, found in walk(Client(), planted) if found}

    assert sung == {}


def test_hidden_and_confidential_numbers_stand_on_no_public_page(planted):
    secret = [planted[kind] for kind in ("hidden", "confidential")]
    numbers = {issue.number.encode() for issue in secret}
    # A signed link of a letter names the report to its reporter, who alone has got it.
    own = {issue.number for issue in secret} | {links.make(links.MUTE, one.pk) for one in secret}

    for path in addresses(planted):
        if not any(name in path for name in own):
            response = Client().get(path)
            content = body(response)
            assert not [number for number in numbers if number in content], path


def test_the_public_rows_hold_no_canary(planted):
    for issue in planted.values():
        for name in ("public", "public_detail"):
            row = getattr(issue, name, None)
            assert not SECRET.search(str(vars(row)).encode() if row else b"")


def test_a_crew_gets_a_work_order_and_not_the_evidence(planted):
    crew = entered(Role.CREW)

    for path, found in walk(crew, planted):
        guarded = any(planted[kind].number in path for kind in NEVER_OF_A_CREW)
        work = {b"Kenarikata", b"Kenarialamat", b"Kenarijawaban"}
        allowed = work | {b"Kenaricatatan", b"Kenarisembunyi"}
        assert found <= ({b"Kenaricatatan"} if guarded else allowed), path


def test_who_reported_is_read_by_those_who_may_alone(planted):
    person = {b"Kenarinama", b"kenarisurel", b"0812 7777 4242"}
    readers = {
        Role.DISPATCHER: set(KINDS),
        Role.LIAISON: {"plain", "confidential", "hidden"},
        Role.LEADER: set(),
        Role.ADMINISTRATOR: set(),
        Role.CREW: set(),
    }

    for role, kinds in readers.items():
        client = entered(role)
        for kind, issue in planted.items():
            case = f"/kerja/laporan/{issue.number}"
            folded = client.get(case).content
            asked = {"kind": "identity", "purpose": "contact", "reason": "Menelepon."}
            client.post(f"{case}/buka", asked)
            page = client.get(case).content
            assert not person & set(SECRET.findall(folded)), (role, kind)
            assert bool(person & set(SECRET.findall(page))) == (kind in kinds), (role, kind)


def test_a_camera_place_and_a_reason_of_refusal_are_on_no_page_of_a_crew(planted):
    for _path, found in walk(entered(Role.CREW), planted):
        assert not found & {b"115.123456", b"8.123456", b"Kenarialasan"}


def test_a_letter_that_waits_is_read_at_the_channel_desk_alone(planted):
    letter = Letter.objects.get()
    roles = (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)

    heard = {
        role
        for role in roles
        for path in ("/kerja/kanal", f"/kerja/kanal?surel={letter.pk}")
        if set(SECRET.findall(entered(role).get(path).content))
    }

    assert heard == {Role.DISPATCHER}


def test_words_that_came_too_late_from_the_field_are_read_by_the_office(planted):
    case = f"/kerja/laporan/{planted['plain'].number}"

    for role in (Role.DISPATCHER, Role.LIAISON):
        assert "Kenarilapangan" in entered(role).get(case).content.decode()


def test_jobs_letters_and_logs_hold_no_words_of_the_reporter(planted, work, caplog):
    work()

    jobs = " ".join(str(job.args) for job in ProcrastinateJob.objects.all())
    letters = " ".join(f"{letter.subject} {letter.body}" for letter in mail.outbox)
    allowed = {b"Kenaritanya"}
    assert not SECRET.search(jobs.encode())
    assert set(SECRET.findall(letters.encode())) <= allowed
    assert not SECRET.search(caplog.text.encode())


def test_the_secret_of_a_report_is_in_no_answer_but_its_senders(planted):
    tokens = [actions.token_for(issue).encode() for issue in planted.values()]

    for role in (None, Role.DISPATCHER, Role.CREW):
        client = entered(role)
        for path in addresses(planted):
            response = client.get(path)
            content = body(response)
            assert not [token for token in tokens if token in content], path


def test_every_private_column_was_planted(planted):
    reporter = Reporter.objects.get(pk=planted["plain"].pk)

    assert {"Kenari" in reporter.name, "kenari" in reporter.email, "7777" in reporter.phone} == {
        True
    }
    assert "Kenari" in planted["plain"].description + planted["plain"].address
