"""The private cluster: durable, closed to strangers, and back after every crash."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from deploy import cluster
from deploy.console import Problem

AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root hands the cluster to another account"
)


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """Return a folder that the database's account can enter; pytest's own are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="civicmap-deploy-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def _ask(server: cluster.Cluster, question: str) -> str:
    connection = psycopg2.connect(host=server.socket(), user=cluster.NAME, dbname=cluster.NAME)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return str(cursor.fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_what_was_committed_survives_a_power_cut(var: Path, setting: str) -> None:
    with cluster.running(var) as server:
        assert _ask(server, f"SHOW {setting}") == "on"


def test_no_port_is_opened(var: Path) -> None:
    with cluster.running(var) as server:
        assert _ask(server, "SHOW listen_addresses") == ""


def test_the_app_is_no_superuser_and_finds_its_extensions_in_new_databases(var: Path) -> None:
    with cluster.running(var) as server:
        assert _ask(server, "SELECT usesuper FROM pg_user WHERE usename = current_user") == "False"
        assert _ask(server, "SELECT postgis_lib_version()").startswith("3.")
        psql = ["psql", "-h", server.socket(), "-U", cluster.NAME, "-At"]
        subprocess.run([*psql, "-d", "civicmap", "-c", "CREATE DATABASE another"], check=True)
        found = subprocess.check_output(
            [*psql, "-d", "another", "-c", "SELECT extname FROM pg_extension"], text=True
        )
        assert {"postgis", "btree_gist"} <= set(found.split())


def test_a_crash_loses_nothing_and_its_number_may_belong_to_somebody_else(var: Path) -> None:
    with cluster.running(var) as server:
        _ask(server, "CREATE TABLE report (number int); INSERT INTO report VALUES (7) RETURNING 7")
        os.kill(int(server.record()[0]), signal.SIGKILL)
        record = server.data / "postmaster.pid"
        record.write_text("\n".join([str(os.getpid()), *server.record()[1:], ""]))

    with cluster.running(var) as server:
        assert _ask(server, "SELECT number FROM report") == "7"


@pytest.mark.parametrize("left", ["", "4711\n"])
def test_a_record_cut_short_by_a_crash_is_no_obstacle(var: Path, left: str) -> None:
    with cluster.running(var) as server:
        pass
    (server.data / "postmaster.pid").write_text(left)

    with cluster.running(var) as server:
        assert _ask(server, "SELECT 1") == "1"


def test_a_server_that_cannot_start_says_why_in_one_line(var: Path) -> None:
    with cluster.running(var) as server:
        pass
    configuration = server.data / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "shared_buffers = 'a lot'\n")
    try:
        with pytest.raises(Problem, match="configuration file"), cluster.running(var):
            pass
    finally:
        configuration.write_text(good)


def test_the_cluster_stops_with_its_last_user(var: Path) -> None:
    with cluster.running(var) as server:
        with cluster.running(var):
            pass
        assert server.is_running()
    assert not server.is_running()


def test_a_long_path_gets_a_short_socket(var: Path) -> None:
    long = var / ("long" * 30)
    long.mkdir(mode=0o711)
    with cluster.running(long) as server:
        socket = Path(server.socket())
        assert len(os.fsencode(socket)) <= cluster.SOCKET_FOLDER_BYTES
        assert socket.stat().st_mode & 0o777 == 0o700
        assert _ask(server, "SELECT 1") == "1"
    assert not socket.exists()


@AS_ROOT
def test_a_closed_parent_folder_sends_the_cluster_elsewhere_and_it_is_found_again(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = var / "home"
    inside = closed / "var"
    inside.mkdir(parents=True)
    closed.chmod(0o700)

    server = cluster.locate(inside)

    assert server.folder.parent == cluster.ELSEWHERE
    assert str(server.folder) in capsys.readouterr().out
    assert cluster.locate(inside).folder == server.folder


@AS_ROOT
def test_a_cluster_of_a_closed_folder_is_refused_with_the_remedy(var: Path) -> None:
    closed = var / "closed"
    folder = closed / "var" / "pg"
    folder.mkdir(parents=True)
    os.chown(folder, pwd.getpwnam(cluster.ADMIN).pw_uid, -1)
    closed.chmod(0o700)

    with pytest.raises(Problem, match=r"chmod o\+x"):
        cluster.locate(closed / "var")
