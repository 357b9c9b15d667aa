"""What tests without a network need: a server to stop, a bad proxy, a browser to kill."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.browser.citizen import HERE, PHONE
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.faults import rig

WORLD = "from tests import make; make.world(); make.category('lainnya', fast_lane=False)"
FILE = re.compile(r"/static/([a-z/]+\.(?:js|css))")
IN_CONTROL = """navigator.serviceWorker.ready
  .then(() => navigator.serviceWorker.controller !== null)"""


@contextlib.contextmanager
def served(folder: Path, **extra: str) -> Iterator[rig.Stack]:
    """Run a small city on a database of its own, with a web server that can be killed.

    Its files have hashed names, as in operation, and come from a copy that a test may change.
    """
    source = folder / "source"
    shutil.copytree(rig.ROOT / "static", source)
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.browser.hashed",
        "STACK_HOME": str(folder),
        "STATIC_SOURCE": str(source),
        **extra,
    }
    with rig.database() as name:
        stack = rig.Stack(folder, database=name, extra=settings)
        stack.manage("migrate", "--verbosity=0")
        stack.manage("shell", "-c", WORLD)
        collect(stack)
        start(stack)
        try:
            yield stack
        finally:
            stack.stop()


def source(stack: rig.Stack) -> Path:
    """Name the folder of the stack's own files, before they get their names."""
    return stack.folder / "source"


def named(stack: rig.Stack, script: str) -> str:
    """Give the files that a script names the names under which pages have them."""
    names = json.loads((stack.folder / "static" / "staticfiles.json").read_text())["paths"]
    return FILE.sub(lambda found: f"/static/{names[found[1]]}", script)


def collect(stack: rig.Stack) -> None:
    """Give every file its name."""
    stack.manage("collectstatic", "--noinput", "--verbosity=0")


def start(stack: rig.Stack) -> None:
    """Start the web server and wait until it answers."""
    stack.start_web()
    rig.until(stack.answers, what="the web server")


def rows(stack: rig.Stack, statement: str) -> list[tuple[object, ...]]:
    """Ask the database of a stack."""
    with rig.session(stack.database) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


class Phone:
    """A Chromium with a profile on the disk, which outlives the browser that is killed."""

    def __init__(self, playwright, profile: Path, address: str) -> None:
        self.playwright, self.profile, self.address = playwright, profile, address
        self.context = None

    def open(self, path: str = "/lapor"):
        """Start the browser where it does not run, and open a page."""
        if self.context is None:
            self.context = self.playwright.chromium.launch_persistent_context(
                str(self.profile),
                executable_path=str(CHROMIUM),
                args=CHROMIUM_FLAGS,
                base_url=self.address,
                locale="id-ID",
                permissions=["geolocation"],
                geolocation=HERE,
                **PHONE,
            )
        page = self.context.new_page()
        page.goto(path)
        return page

    def kill(self) -> None:
        """SIGKILL the browser: no page hears of it."""
        os.kill(self._pid(), signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()
        self.context = None

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None

    def _pid(self) -> int:
        mark = f"--user-data-dir={self.profile}".encode()
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if mark in words and not any(word.startswith(b"--type=") for word in words):
                    return int(folder.name)
        raise ProcessLookupError(self.profile)


Rule = Callable[["Request"], "tuple[int, bytes] | str | None"]


class Request:
    """What came in, as a rule of the proxy reads it."""

    def __init__(self, method: str, path: str, body: bytes) -> None:
        self.method, self.path, self.body = method, path, body


class Proxy:
    """Stands before the server and does what `rule` says.

    A rule gives None (hand on), `"lose"` (hand on, then drop the answer), `"cut"` (drop the
    request) or an answer of its own.
    """

    def __init__(self, upstream: int, rule: Rule = lambda request: None) -> None:
        self.upstream, self.rule = upstream, rule
        self.did: Counter[str] = Counter()
        self.turn = threading.Lock()
        self.heard: Callable[[int, bytes], None] = lambda status, answer: None
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy.handle(self)

            do_GET = do_POST = do_HEAD = handle_any  # noqa: N815  the names that the library calls

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler.command, handler.path, body)
        with self.turn:
            told = self.rule(request)
        self.did[told if isinstance(told, str) else str(told and told[0])] += 1
        if told == "cut":
            handler.close_connection = True
            return
        if isinstance(told, tuple):
            headers = [("Retry-After", "1"), ("Content-Type", _kind(told[1]))]
            self.answer(handler, told[0], headers, told[1])
            return
        try:
            status, headers, answer = self.hand_on(handler, body)
        except (OSError, http.client.HTTPException):
            handler.close_connection = True
            return
        self.heard(status, answer)
        if told == "lose":
            handler.close_connection = True
            return
        with contextlib.suppress(OSError):
            self.answer(handler, status, headers, answer)

    def hand_on(self, handler, body):
        line = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            skip = {"connection", "accept-encoding", "content-length"}
            headers = {k: v for k, v in handler.headers.items() if k.lower() not in skip}
            line.request(handler.command, handler.path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()

    @staticmethod
    def answer(handler, status, headers, body):
        handler.send_response_only(status)
        skip = {"connection", "content-length", "transfer-encoding"}
        for name, value in headers:
            if name.lower() not in skip:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _kind(body: bytes) -> str:
    """Name the type of an answer that a rule gives."""
    if body.startswith(b"{"):
        return "application/json"
    return "text/html" if body.startswith(b"<") else "text/javascript"


def in_control(page) -> None:
    """Wait until the service worker has kept everything and answers for this page."""
    holds(page, IN_CONTROL)


def holds(page, promise: str) -> None:
    """Wait until a promise gives something true; `wait_for_function` takes the promise for it."""
    rig.until(lambda: page.evaluate(promise), what=promise)


def result(name: str, figure: object, target: object, *, capsys) -> None:
    """Print the line of RELIABILITY."""
    word = "ok" if figure == target else "FAIL"
    with capsys.disabled():
        print(f"\nRESULT {name} {figure} {target} {word}")  # noqa: T201  the figures of the run
    assert figure == target, name
