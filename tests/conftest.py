"""What every test may ask for: shared data, Debian's browser, a gate that opens on no empty run."""

import gc
import os
import shutil
from pathlib import Path

import pytest

from tests import settings

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets, which lies beside the checkout and is no part of it."""
    folder = Path(os.environ.get("CIVICMAP_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the shared data sets are not at {folder}; set CIVICMAP_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Launch Debian's Chromium, never a download; the flags keep it from calling anybody."""
    return {
        **browser_type_launch_args,
        "executable_path": str(CHROMIUM),
        "args": CHROMIUM_FLAGS,
    }


def pytest_collection_finish() -> None:
    """Let the collector look less often: a fifth of the suite's time went into finding nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_unconfigure() -> None:
    """Take away what this run has stored."""
    shutil.rmtree(settings.RUN, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright leaves an event loop behind, others need their own."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which no test passed: a gate that ran nothing has shown nothing."""
    if hasattr(session.config, "workerinput"):
        return  # One of several processes: the one that asked for them counts for all.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    asked_for_less = session.config.option.collectonly
    if not asked_for_less and not session.exitstatus and not reporter.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
