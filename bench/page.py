"""Pages in a browser: the map (B17, M2, M3), the report page (B18), its work (B19), a report (B20).

The phone is 360 x 740 at two pixels a point, its processor four times slower, its network Slow 4G
(1.6 Mbit/s, 150 ms), as Lighthouse has it; the report page has to do with slow 3G (400 kbit/s,
400 ms). Pages are served as in operation: gunicorn, hashed and compressed files. The issues are the
demo's.
"""

import gzip
import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from PIL import Image

from bench.measure import ROOT, Result, Scale
from geodata.models import City
from issues.demo import land
from issues.models import PublicIssue

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, FilePayload, Page

STYLES: Final = ("leaflet/leaflet.css", "css/tokens.css", "css/base.css", "css/map.css")
SCRIPTS: Final = ("leaflet/leaflet.js", "leaflet/leaflet.extras.js", "js/map.js")
IMPORT: Final = re.compile(r"""(?:from\s*|import\()\s*["'](\.[^"']+)["']""")
SLOW_4G: Final = {"latency": 150, "downloadThroughput": 204_800, "uploadThroughput": 93_750}
SLOW_3G: Final = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
HERE: Final = {"latitude": -8.6705, "longitude": 115.2126, "accuracy": 12.0}
"""A street in Denpasar."""
PHONE: Final = {"width": 360, "height": 740}
SLOWER: Final = 4
SLOWEST: Final = 6
"""How many times slower a cheap phone is than the machine that measures."""
TRIES: Final = 10
WARM: Final = 8
"""Requests that make sure of both workers, as in operation they have long been asked."""
CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
)
QUIET_S: Final = 1.0
PATIENCE_S: Final = 60
MOVES: Final = 12
READY: Final = "Math.max(...performance.getEntriesByType('resource').map((one) => one.responseEnd))"
"""When the last answer of the first load was there: list and counts come with the page itself."""
USABLE: Final = """() => {
  const next = document.querySelector("[data-next]");
  return next && !next.hidden && next.checkVisibility() && performance.now();
}"""
"""Milliseconds until the script of the form answers; the plain form can be filled in before."""
FILLABLE: Final = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
"""Milliseconds until the form stood on the screen: a plain form, which works by itself."""
GROUND: Final = ("/peta/", "/js/layers/", "/js/ui/land.")
"""Our own basemap, which the budget leaves out."""
WORK: Final = """async (id) => {
  const { search } = await import(window.effort);
  const challenge = await (await fetch(`/api/effort?id=${id}`)).json();
  const start = performance.now();
  await search(challenge);
  return performance.now() - start;
}"""
"""Milliseconds of the search, where Chromium slows down: it leaves workers at full speed."""
SENDING: Final = """() => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  window.effort = files.find((name) => name.includes("js/effort."));
  return window.effort;
}"""
"""Where the work is written, which comes after the form."""
WATCH: Final = """
window.bench = { frames: [], long: [] };
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) bench.long.push([startTime, duration]);
}).observe({ type: "longtask", buffered: true });
let last = 0;
const tick = (now) => {
  if (last) bench.frames.push([now, now - last]);
  last = now;
  requestAnimationFrame(tick);
};
requestAnimationFrame(tick);
"""


def run(scale: Scale) -> Iterator[Result]:
    """Weigh the page, open it on a phone and move it about; then the page that reports."""
    if scale.wants("B17"):
        yield from weigh()
    if scale.wants("M2", "M3"):
        call_command("load_reference", "denpasar", stdout=io.StringIO())
        settings.DEMO = True
        call_command("seed_demo", "--issues", str(scale.issues), stdout=io.StringIO())
        # Chromium's driver keeps an event loop in this thread: no query is made beside it.
        data = f"{scale.issues} issues, {PublicIssue.objects.count()} of them public"
        with served() as address, phone() as (page, network):
            yield from opening(page, network, address, data)
            yield from moving(page, network, data)
    if scale.wants("B18", "B19", "B20"):
        call_command("load_reference", "denpasar", stdout=io.StringIO())
        land.lay(City.objects.get())
        with served() as address:
            with phone(line=SLOW_3G) as (page, network):
                yield from reporting(page, network, address)
            with phone(line=SLOW_3G) as (page, _network):
                yield walked(page, address)
            yield from paying(address)


def weigh() -> Iterator[Result]:
    """Gzip every file of the page: those of the first picture, and all that it may ever load."""
    first, later = modules("js/map.js")
    kept = [*STYLES, *SCRIPTS[:2]]
    weight = sum(gzipped(name) for name in {*kept, *first}) / 1000
    whole = sum(gzipped(name) for name in {*kept, *first, *later}) / 1000
    note = f"{len(first)} modules and the ground at first, {len(later)} on first use"
    yield row("B17", "map page: script and style with Leaflet, first", weight, 90, note=note)
    yield row("B17", "map page: the same with all that comes later", whole, None)


def modules(entry: str) -> tuple[set[str], set[str]]:
    """Follow imports from an entry: what comes with it (the ground too), and what comes on use."""
    first, later = {entry}, set[str]()
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        for found, lazily in imports(name):
            late = lazily and not found.endswith("ground.js")
            home = later if late or (name in later and name not in first) else first
            if found not in home:
                home.add(found)
                wanted.append(found)
    return first, later - first


def imports(name: str) -> Iterator[tuple[str, bool]]:
    """Read what a module imports: its name, and whether only on first use."""
    for match in IMPORT.finditer(source(name).decode()):
        path = os.path.normpath(Path(name).parent / match[1])
        yield path, match[0].startswith("import(")


def source(name: str) -> bytes:
    """Read a static file."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_bytes()


def gzipped(name: str) -> int:
    """Bytes of a static file as it travels."""
    return len(gzip.compress(source(name), 9))


@dataclass
class Network:
    """What went over the wire since the last look, as Chromium counts it."""

    session: "CDPSession"
    asked: list[str] = field(default_factory=list)
    bytes: int = 0
    heard: float = 0.0
    open: dict[str, str] = field(default_factory=dict)
    sizes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Listen."""
        self.session.on("Network.requestWillBeSent", self._on_request)
        self.session.on("Network.loadingFinished", self._on_end)
        self.session.on("Network.loadingFailed", self._on_end)

    def _on_request(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.asked.append(event["request"]["url"])
            self.open[event["requestId"]] = event["request"]["url"]
        self.heard = time.monotonic()

    def _on_end(self, event: dict[str, Any]) -> None:
        size = int(event.get("encodedDataLength", 0))
        self.bytes += size
        self.sizes[self.open.pop(event["requestId"], "")] += size
        self.heard = time.monotonic()

    def rest(self, page: "Page") -> tuple[list[str], int]:
        """Wait until all is answered and quiet for a second; take what went over the wire."""
        end = time.monotonic() + PATIENCE_S
        self.heard = time.monotonic()
        while time.monotonic() < end:
            page.wait_for_timeout(100)
            if not self.open and time.monotonic() - self.heard > QUIET_S:
                break
        taken = self.asked, self.bytes
        self.asked, self.bytes = [], 0
        return taken


def opening(page: "Page", network: Network, address: str, data: str) -> Iterator[Result]:
    """Open the map for the first time (M2)."""
    page.goto(f"{address}/", wait_until="commit")
    asked, sent = network.rest(page)
    ready = page.evaluate(READY) / 1000
    note = f"{data}; Slow 4G, CPU / 4"
    yield row("M2", "map page ready on a phone", ready, 3, unit="s", note=note)
    yield row("M2", "requests of the first load", len(asked), 30, unit="")
    yield row("M2", "bytes of the first load", sent / 1000, 250)


def reporting(page: "Page", network: Network, address: str) -> Iterator[Result]:
    """Open the report page for the first time (B18)."""
    for _worker in range(WARM):
        urllib.request.urlopen(f"{address}/lapor").close()  # noqa: S310 - our own server
    page.goto(f"{address}/lapor", wait_until="commit")
    usable = page.wait_for_function(USABLE, polling=20).json_value() / 1000
    asked, sent = network.rest(page)
    ready = page.evaluate(READY) / 1000
    ground = sum(network.sizes[url] for url in asked if any(part in url for part in GROUND))
    note = f"slow 3G, CPU / 4; the map is there after {ready:.1f} s"
    fillable = page.evaluate(FILLABLE) / 1000
    yield row("B18", "report page: the form can be filled in", fillable, 3, unit="s", note=note)
    yield row("B18", "report page: its script answers", usable, 3, unit="s", note=note)
    yield row("B18", "requests of the first load", len(asked), None, unit="")
    yield row("B18", "bytes of the first load, no basemap", (sent - ground) / 1000, 150)


def walked(page: "Page", address: str) -> Result:
    """Report a lamp with a photo, from the first byte to the receipt (B20).

    Every tap comes as soon as its button is there: a person's own time is not in it.
    """
    page.set_default_timeout(PATIENCE_S * 1000)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    start = time.monotonic()
    page.goto(f"{address}/lapor", wait_until="commit")
    page.locator("[data-next]").wait_for()
    page.locator("#locate").click()
    page.locator(".report__point--set").wait_for()
    page.set_input_files("[data-add] input", [_photo()])
    page.locator(".shot[data-state=ready]").wait_for()
    page.locator("[data-next]").click()
    page.locator(".tile-choice:visible").first.click()
    page.locator("#id_description").fill("Lampu jalan mati sejak tiga malam.")
    page.locator("[data-next]").click()
    page.locator("[data-send]").click()
    page.locator("#number").wait_for()
    took = time.monotonic() - start
    note = "one photo of 6 megapixels; slow 3G, CPU / 4; without the person's own time"
    return row("B20", "a report, from opening to receipt", took, 60, unit="s", note=note)


def _photo() -> "FilePayload":
    """Make what a phone's camera makes."""
    body = io.BytesIO()
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(body, "JPEG", quality=85)
    return {"name": "lampu.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def paying(address: str) -> Iterator[Result]:
    """Do the work that a report costs, ten times on each phone (B19)."""
    for slower in (SLOWER, SLOWEST):
        with phone(line=None, slower=slower) as (page, _network):
            page.goto(f"{address}/lapor")
            page.wait_for_function(SENDING)
            took = sorted(page.evaluate(WORK, str(uuid4())) / 1000 for _try in range(TRIES))
        note = f"EFFORT={settings.EFFORT}; CPU / {slower}, median {median(took):.2f} s"
        yield row("B19", "proof of work, worst of ten", took[-1], 3, unit="s", note=note)


def moving(page: "Page", network: Network, data: str) -> Iterator[Result]:
    """Pan and zoom where the city is dense (M3); the tasks of the first load do not count."""
    page.evaluate("location.hash = '#14/-8.66000/115.21500'")
    network.rest(page)
    pans = [measured(page, network, pan(at)) for at in range(MOVES)]
    zooms = [measured(page, network, zoom(at)) for at in range(MOVES)]
    for name, moves, target in (("pan", pans, 34), ("zoom", zooms, 125)):
        frames = sorted(frame for move in moves for frame in move.frames)
        tasks = [task for move in moves for task in move.tasks]
        tiles = max(move.tiles for move in moves)
        p95 = quantiles(frames, n=20)[-1]
        note = f"{data}; {len(tasks)} tasks over 50 ms"
        yield row("M3", f"{name}: frame, 95th percentile", p95, target, unit="ms", note=note)
        limit = 50 if name == "pan" else 350
        yield row("M3", f"{name}: longest task", max(tasks, default=0), limit, unit="ms")
        yield row("M3", f"{name}: tiles asked for, at most", tiles, 15, unit="")


@dataclass(frozen=True, slots=True)
class Move:
    """What one move of the map cost: frames and tasks over 50 ms, milliseconds; tiles asked for."""

    frames: list[float]
    tasks: list[float]
    tiles: int


def measured(page: "Page", network: Network, move: Any) -> Move:
    """Move once, and wait until the map has come to rest."""
    page.evaluate("bench.frames.length = bench.long.length = 0")
    move(page)
    page.wait_for_timeout(400)
    frames = page.evaluate("bench.frames.map(([, took]) => took)")
    asked, _sent = network.rest(page)
    tasks = page.evaluate("bench.long.map(([, took]) => took)")
    return Move(frames, tasks, sum("/tiles/" in url for url in asked))


def pan(at: int) -> Any:
    """Drag the map by 240 px, each time to another side."""
    across, down = ((240, 0), (0, 240), (-240, 0), (0, -240))[at % 4]

    def drag(page: "Page") -> None:
        x, y = 180 - across // 2, 400 - down // 2
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, 25):
            page.mouse.move(x + across * step / 24, y + down * step / 24)
        page.mouse.up()

    return drag


def zoom(at: int) -> Any:
    """Press plus three times, then minus three times, and so on."""
    name = ".leaflet-control-zoom-in" if at % 6 < 3 else ".leaflet-control-zoom-out"  # noqa: PLR2004
    return lambda page: page.locator(name).click()


def row(
    id: str,  # noqa: A002 - the word of the contract
    name: str,
    ours: float,
    target: float | None,
    *,
    unit: str = "kB",
    note: str = "",
) -> Result:
    """Make a line whose figure itself is judged."""
    return Result(id, name, ours, None, unit, ours, target, note=note)


@contextmanager
def phone(
    *, line: dict[str, int] | None = SLOW_4G, slower: int = SLOWER
) -> Iterator[tuple["Page", Network]]:
    """Open Chromium as a slow phone on a slow line (None: as fast as it is)."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of tests and bench only

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]  # a TypedDict
            device_scale_factor=2,
            locale="id-ID",
        )
        page = context.new_page()
        page.add_init_script(WATCH)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        if line:
            session.send("Network.emulateNetworkConditions", {"offline": False, **line})
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield page, Network(session)
        browser.close()


@contextmanager
def served() -> Iterator[str]:
    """Serve the bench's database as in operation; yields the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "STATIC_ROOT": f"{folder}/static",
            "MEDIA_ROOT": f"{folder}/media",
            "DATABASE_URL": _url(),
            "DEMO": "true",
            "SECURE": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "civicmap.settings",
        }
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True)  # noqa: S603 - ourselves
        worker = ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket"]
        worker.append("--log-level=error")
        serve = [sys.executable, "-m", "gunicorn", "civicmap.wsgi", f"--bind=127.0.0.1:{port}"]
        server = subprocess.Popen([*serve, *worker], cwd=ROOT, env=env)  # noqa: S603 - ourselves
        try:
            yield _answering(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def _url() -> str:
    """The address of the database that this process works in."""
    address = os.environ["DATABASE_URL"]
    return address.rsplit("/", 1)[0] + "/" + str(connection.settings_dict["NAME"])


def _answering(address: str) -> str:
    """Wait until the server answers."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz").close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return address
    raise TimeoutError(address)
