"""The commands of the Makefile: run, check, lint, bench, analysis, manage, stop."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from deploy import app, cluster, console, gate, locks, serve, signals, system, venv
from deploy.console import Problem
from deploy.places import LOGS, PYTHON, ROOT, VAR
from deploy.reasons import reason

RUNNING = VAR / "running"
STOP_S = 60


def run() -> None:
    """Install what is missing, prepare the database, and serve until Ctrl-C."""
    with locks.alone(RUNNING) as ours:
        if not ours:
            process, address = RUNNING.read_text().split()
            raise Problem(f"It already runs: {address} (process {process}); 'make stop' ends it.")
        port = _port()
        RUNNING.write_text(f"{os.getpid()} {serve.address(port)}")
        with _ready(tests=False) as (database_url, database):
            demo = {"DEMO": "true", "PUBLIC_URL": serve.address(port)}
            env = demo | app.environment(database_url)
            app.prepare(env, database=database)
            serve.serve(env, port)


def check(*pytest_arguments: str) -> None:
    """Install what the tests need and run the whole gate."""
    with _ready(tests=True) as (database_url, _):
        gate.run(gate.full(pytest_arguments), gate.environment(database_url))


def lint() -> None:
    """Run the fast half of the gate."""
    venv.provide(tests=True)
    gate.run(gate.lint(), gate.environment("postgis:///unused"))


def bench(*arguments: str) -> None:
    """Measure the ratios of `bench/`, all rows or those that are named."""
    venv.provide_bench()
    with _ready(tests=True) as (database_url, _):
        env = app.environment(database_url)
        if console.talk([PYTHON, "-m", "bench", *arguments], env=env, cwd=ROOT):
            raise Problem("A measure missed its floor.")


def analysis() -> None:
    """Install what analyses and GeoParquet need (pyarrow)."""
    venv.provide_analysis()


def manage(*arguments: str) -> None:
    """Run a command of manage.py with the database and the key of `run`, served or not."""
    with _ready(tests=False) as (database_url, _):
        env = app.environment(database_url)
        if console.talk(app.manage(*arguments), env=env, cwd=ROOT):
            raise Problem("The command failed; its own words stand above.")


def stop() -> None:
    """Stop what 'make run' started, and a database that a crash left behind."""
    progress = console.Progress("CivicMap stops")
    if process := _running_process():
        os.kill(process, signal.SIGTERM)
    while _running_process():
        if progress.seconds > STOP_S:
            raise Problem(f"Process {process} does not stop: end it by hand.")
        time.sleep(0.5)
        progress.tick()
    cluster.stop_unused()
    progress.done()


COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "check": check,
    "lint": lint,
    "bench": bench,
    "analysis": analysis,
    "manage": manage,
    "stop": stop,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code, after one line about whatever is missing."""
    name, *rest = arguments or ("",)
    if name not in COMMANDS:
        console.say(f"Say one of: {', '.join(COMMANDS)}")
        return 2
    signals.catch()
    try:
        # Others may pass through, for the database's account; nobody may look around.
        VAR.mkdir(mode=0o711, exist_ok=True)
        LOGS.mkdir(exist_ok=True)
        COMMANDS[name](*rest)
    except KeyboardInterrupt:
        console.say("Stopped.")
        return 0 if name == "run" else 130
    except Problem as problem:
        console.say(f"\n{problem}")
        return 1
    except OSError as error:
        console.say(f"\n{reason(str(error))}: {error.filename or ''}")
        return 1
    return 0


@contextlib.contextmanager
def _ready(*, tests: bool) -> Iterator[tuple[str, str | None]]:
    """Have packages, environment and database ready; yields its address and, if ours, identity."""
    given = os.environ.get("DATABASE_URL")
    system.provide(server=tests or not given, tests=tests)
    venv.provide(tests=tests)
    if given:
        yield given, None
        return
    with cluster.running() as ours:
        yield ours.url(), str((ours.data / "PG_VERSION").stat().st_ctime_ns)


def _port() -> int:
    """Return the wanted port (PORT, else 8000), or the next free one and say so."""
    port = os.environ.get("PORT", str(serve.FIRST_PORT))
    if not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 - the highest port there is
        raise Problem(f"PORT={port} is no port: give a number from 1 to 65535.")
    free = serve.free_port(int(port))
    if free != int(port):
        console.say(f"  Port {port} is taken: CivicMap takes {free}")
    return free


def _running_process() -> int | None:
    """Return the process that serves this folder, if there is one."""
    with locks.alone(RUNNING) as free:
        return None if free else int(RUNNING.read_text().split()[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
