"""`make bench`: every hot path against its floor; `python -m bench B9 B10` measures some rows.

Each topic runs in a process and a database of its own (`bench_<topic>`, beside the app's on the
same cluster), made for it and dropped after it: the operator's data are never touched. `N` says how
many issues there are (default one million). Only ratios mean anything.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql

HERE = Path(__file__).resolve().parent
TOPICS = {
    "pyramid": ("B1", "B2", "B3", "B6", "B7", "B8", "B16"),
    "http": ("B4", "B5"),
    "hotspots": ("B13", "B14"),
    "page": ("B17", "B18", "B19", "B20", "M2", "M3"),
    "ingest": ("B12",),
    "routing": ("B9", "B10", "B11", "B15"),
    "planning": ("B20", "B21", "B22"),
}
WORK = "--topic"


def main(arguments: Sequence[str]) -> int:
    """Measure the wanted rows, one topic after the other; 1 where a target is missed."""
    if arguments[:1] == [WORK]:
        return work(arguments[1], arguments[2:])
    wanted = {row.upper() for row in arguments}
    known = {row for rows in TOPICS.values() for row in rows}
    if wanted - known:
        names = ", ".join(sorted(known, key=lambda row: int(row[1:])))
        sys.stderr.write(f"No such row: {', '.join(sorted(wanted - known))}. There are {names}.\n")
        return 2
    topics = [name for name in present() if not wanted or wanted.intersection(TOPICS[name])]
    return max([measure(name, sorted(wanted)) for name in topics], default=0)


def present() -> list[str]:
    """Topics whose module is there."""
    return [name for name in TOPICS if (HERE / f"{name}.py").exists()]


def measure(topic: str, wanted: Sequence[str]) -> int:
    """Run one topic in a process and a database of its own."""
    with database(f"bench_{topic}") as url:
        # loads are long; the server's own patience is not what is measured
        patient = {"DATABASE_OPTIONS": "-c lock_timeout=60s"}
        env = patient | os.environ | {"DATABASE_URL": url}
        command = [sys.executable, "-m", "bench", WORK, topic, *wanted]
        return subprocess.run(command, env=env, cwd=HERE.parent, check=False).returncode  # noqa: S603 - ourselves


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make a database beside the app's and drop it in the end; yields its address."""
    given = urlsplit(os.environ["DATABASE_URL"])
    connection = psycopg2.connect(given._replace(scheme="postgresql").geturl())
    connection.autocommit = True
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if unquote(given.path[1:]) == name:
        raise SystemExit(f"DATABASE_URL names {name}, which this would drop.")
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute(make)
        try:
            yield given._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(drop)
            connection.close()


def work(topic: str, wanted: Sequence[str]) -> int:
    """Set Django up on the topic's database and print its rows as they come."""
    import django  # noqa: PLC0415 - only this process has the topic's database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicmap.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    from bench.measure import HEADER, Scale  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    scale = Scale(int(os.environ.get("N", "1000000")), frozenset(wanted))
    sys.stdout.write(f"\n{topic}, N={scale.issues}\n{HEADER}\n")
    missed = 0
    for result in import_module(f"bench.{topic}").run(scale):
        sys.stdout.write(f"{result}\n")
        sys.stdout.flush()
        missed |= not result.met
    return int(missed)


sys.exit(main(sys.argv[1:]))
