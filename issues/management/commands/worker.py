"""Run the jobs: `manage.py worker`."""

import asyncio
import contextlib
import logging
import signal
import traceback
from argparse import ArgumentParser
from typing import Any, Final

import psycopg
from django.core.management.base import BaseCommand
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

from issues import jobs

PAUSES_S: Final = (1, 1, 2, 5, 10)
"""How long to wait before asking again for a database that is away; the last one for ever."""
GRACE_S: Final = 25
"""How long running jobs may take to end after a stop; systemd and gunicorn wait 30 s."""

logger = logging.getLogger("issues.worker")


class OneLine(logging.Filter):
    """Fold a failure to one line that names where it happened, and no address of anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the traceback by its last step; the error's own words may hold personal data."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg = f"{record.getMessage()} ({_where(error)})".replace("%", "%%")
            record.args = ()
        record.exc_info = record.exc_text = None
        return error is not None or record.levelno > logging.INFO


class Command(BaseCommand):
    """Send mails, clean photos, watch the clock; ends cleanly at SIGTERM and SIGINT."""

    help = "Run the jobs until stopped: mails, photos, due dates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be chosen."""
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at the same time")
        parser.add_argument("--drain", action="store_true", help="stop when no job is left")

    def handle(self, *, concurrency: int, drain: bool, **_options: Any) -> None:
        """Work until stopped, through restarts of the database."""
        logging.getLogger("procrastinate.worker").setLevel(logging.INFO)
        for handler in logging.getLogger().handlers:
            handler.addFilter(OneLine())
        jobs.ready(app)
        self.stdout.write(f"worker: {concurrency} jobs at a time")
        asyncio.run(_keep_working(concurrency=concurrency, wait=not drain))


async def _keep_working(*, concurrency: int, wait: bool) -> None:
    """Work one shift after the other; a shift ends with the database's, a stop ends them all."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    lost = 0
    while not stop.is_set():
        try:
            await _shift(stop, concurrency=concurrency, wait=wait)
        except (ConnectorException, psycopg.OperationalError) as error:
            logger.warning("database away: %s", type(error.__cause__ or error).__name__)
            lost += 1
        else:
            lost = 0
            if not wait:
                return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSES_S[min(lost, len(PAUSES_S) - 1)])


async def _shift(stop: asyncio.Event, *, concurrency: int, wait: bool) -> None:
    """Run jobs until asked to stop, until none is left (without `wait`) or the database goes away.

    The worker's own bookkeeping runs over connections of psycopg 3, the bodies over Django's.
    """
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=concurrency + 2, timeout=10
    )
    with app.replace_connector(connector):
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    wait=wait,
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE_S,
                    update_heartbeat_interval=jobs.HEARTBEAT_S,
                    stalled_worker_timeout=jobs.STALLED_S,
                )
            )
            await _until_stopped(working, stop)


async def _until_stopped(working: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for the worker; pass a stop on to it and let it finish its jobs."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if stop.is_set():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _where(error: BaseException) -> str:
    """Name an error's class and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
