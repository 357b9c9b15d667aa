"""Web server and worker side by side: started together, watched, stopped together."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy import app, console, signals
from deploy.console import Problem
from deploy.places import LOGS, PYTHON, ROOT
from deploy.reasons import reason, tail

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 100
READY_S = 60
STOP_S = 30
STEADY_S = 60
RESTARTS = 5
GUNICORN = (
    "--worker-class=gthread",
    "--workers=2",
    "--threads=4",
    "--graceful-timeout=10",
    "--no-control-socket",
    "--worker-tmp-dir=/dev/shm",  # a full disk must not make a healthy worker look dead
)


@dataclass(slots=True)
class Service:
    """One process of ours with its children (a process group) and its log."""

    name: str
    command: console.Command
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process: Ctrl-C comes to us and not to its group; it ends if we are killed."""
        command = ["setpriv", "--pdeathsig=TERM", *self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=ROOT,
                start_new_session=True,
                umask=0o077,
            )
        self.starts.append(time.monotonic())

    def exit_code(self) -> int | None:
        """Return how the process ended, or None while it runs."""
        return self.process.poll() if self.process else None

    def ask_to_stop(self) -> None:
        """Ask the process, and through it its children, to finish what they have in hand."""
        if self.process and self.exit_code() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait until the deadline (monotonic seconds), then end whatever is left of the group."""
        if not self.process:
            return
        try:
            self.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            console.say(f"  {self.name} did not stop in time and was ended")
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()

    def may_restart(self) -> bool:
        """Tell whether another try is worth it: not when it died again and again in a minute."""
        recent = [start for start in self.starts if time.monotonic() - start < STEADY_S]
        return len(recent) <= RESTARTS


def serve(env: Mapping[str, str], port: int) -> None:
    """Run web server and worker until one cannot go on or a signal breaks it off.

    Raises:
        Problem: the web server ended or never answered, or the worker keeps dying.
    """
    gunicorn = ["-m", "gunicorn", "civicmap.wsgi", f"--bind={HOST}:{port}", *GUNICORN]
    web = Service("web", [PYTHON, *gunicorn], env, LOGS / "web.log")
    worker = Service("worker", app.manage("worker"), env, LOGS / "worker.log")
    try:
        for service in (web, worker):
            service.start()
        _wait_for(web, f"{address(port)}/healthz")
        _welcome(env, port)
        _watch(web, worker)
    finally:
        _stop(web, worker)


def free_port(wanted: int) -> int:
    """Return the wanted port or the next one that nobody listens on.

    Raises:
        Problem: a hundred ports in a row are taken.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return port
    raise Problem(f"No free port from {wanted} on: choose another with PORT=...")


def address(port: int) -> str:
    """Return where the people of this machine find CivicMap."""
    return f"http://{HOST}:{port}"


def _wait_for(web: Service, url: str) -> None:
    progress = console.Progress("Web server")
    while not _answers(url):
        progress.tick()
        if web.exit_code() is not None:
            raise Problem(f"The web server ended: {reason(tail(web.log))} ({web.log})")
        if progress.seconds > READY_S:
            raise Problem(f"The web server does not answer at {url}: see {web.log}")
        time.sleep(0.2)
    progress.done()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _welcome(env: Mapping[str, str], port: int) -> None:
    logins = console.ask(app.manage("seed_demo", "--logins"), env=env, cwd=ROOT)
    console.say(f"\nCivicMap: {address(port)}\n{logins.stdout.rstrip()}\n")
    console.say(f"Logs: {LOGS}. Ctrl-C stops everything.")


def _watch(web: Service, worker: Service) -> None:
    while web.exit_code() is None:
        if (code := worker.exit_code()) is not None:
            if not worker.may_restart():
                raise Problem(f"The worker keeps dying (last exit {code}): see {worker.log}")
            console.say(f"  The worker ended (exit {code}) and starts again: see {worker.log}")
            worker.start()
        time.sleep(0.5)
    raise Problem(f"The web server ended (exit {web.exit_code()}): see {web.log}")


def _stop(*services: Service) -> None:
    """Stop all of them within one deadline, whatever is pressed meanwhile."""
    with signals.held():
        for service in services:
            service.ask_to_stop()
        deadline = time.monotonic() + STOP_S
        for service in services:
            service.stop(deadline)
