"""What is saved is on the disk, once, and private; hashed names reach into modules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from civicmap.storage import DurableStorage, HashedStatic

ROOT = Path(__file__).resolve().parents[2]
FULL_DISK = """
import django, pathlib, sys
django.setup()
from django.core.files.base import ContentFile
from civicmap.storage import DurableStorage
from issues.errors import StorageFull
root = pathlib.Path(sys.argv[1])
storage = DurableStorage(location=root)
storage.save("a/small.jpg", ContentFile(b"x" * 1000))
try:
    storage.save("b/large.jpg", ContentFile(b"x" * 1_000_000))
except StorageFull:
    print("full", [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()])
storage.save("b/small.jpg", ContentFile(b"x" * 1000))
print("again")
"""


@pytest.fixture
def storage(tmp_path):
    return DurableStorage(location=tmp_path / "media")


def mode(path):
    return path.stat().st_mode & 0o777


def test_what_was_saved_is_read_back(storage):
    name = storage.save("photos/ab/one.jpg", ContentFile(b"bytes"))

    with storage.open(name) as file:
        assert file.read() == b"bytes"


def test_nothing_but_the_file_is_left_behind(storage, tmp_path):
    storage.save("photos/ab/one.jpg", ContentFile(b"bytes"))

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["one.jpg"]


def test_files_and_folders_are_closed_to_strangers(storage, tmp_path):
    old = os.umask(0)
    try:
        storage.save("photos/ab/one.jpg", ContentFile(b"bytes"))
    finally:
        os.umask(old)

    media = tmp_path / "media"
    assert mode(media / "photos" / "ab" / "one.jpg") == 0o640
    assert {mode(folder) for folder in (media, media / "photos", media / "photos" / "ab")} == {
        0o750
    }


def test_a_taken_name_is_never_written_over(storage, tmp_path):
    first = storage.save("one.jpg", ContentFile(b"first"))
    second = storage.save("one.jpg", ContentFile(b"second"))

    assert (tmp_path / "media" / first).read_bytes() == b"first"
    assert (tmp_path / "media" / second).read_bytes() == b"second"


def test_a_name_taken_between_look_and_write_is_not_written_over(storage, tmp_path, monkeypatch):
    storage.save("one.jpg", ContentFile(b"first"))
    answers = iter(["one.jpg"])
    free = FileSystemStorage.get_available_name
    monkeypatch.setattr(
        storage,
        "get_available_name",
        lambda name, max_length=None: next(answers, None) or free(storage, name),
    )

    second = storage.save("one.jpg", ContentFile(b"second"))

    assert second != "one.jpg"
    assert (tmp_path / "media" / "one.jpg").read_bytes() == b"first"


def test_content_is_synced_before_its_name_and_the_folders_after(storage, tmp_path, monkeypatch):
    order = []
    sync, link = os.fsync, Path.hardlink_to

    def noted_sync(descriptor):
        order.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        sync(descriptor)

    def noted_link(self, target):
        order.append(("name", self.name))
        link(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "hardlink_to", noted_link)
    storage.save("photos/ab/one.jpg", ContentFile(b"bytes"))

    assert order[0][1].endswith(".part")
    assert order[1:] == [
        ("name", "one.jpg"),
        ("sync", "ab"),
        ("sync", "photos"),
        ("sync", "media"),
    ]


def test_a_disk_that_cannot_sync_is_an_error_and_leaves_no_file(storage, tmp_path, monkeypatch):
    def broken(descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        storage.save("photos/one.jpg", ContentFile(b"bytes"))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_full_disk_is_said_in_words_and_heals(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    script = 'mount -t tmpfs -o size=64k tmpfs "$1" || exit 77; exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        ["/usr/bin/unshare", "-rm", "sh", "-c", script, "sh", str(disk), sys.executable, FULL_DISK],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")

    assert done.stdout.splitlines() == ["full ['a/small.jpg']", "again"], done.stderr


def test_private_files_have_no_address(storage):
    with pytest.raises(ValueError, match="private"):
        storage.url("one.jpg")


def test_a_deleted_file_is_gone_and_may_be_deleted_again(storage):
    name = storage.save("photos/one.jpg", ContentFile(b"bytes"))

    storage.delete(name)
    storage.delete(name)

    assert not storage.exists(name)


@pytest.mark.parametrize("name", ["../one.jpg", "/etc/one.jpg", "a/../../one.jpg"])
def test_no_name_leads_out_of_the_storage(storage, tmp_path, name):
    with pytest.raises(Exception, match=r"traversal|base path"):
        storage.save(name, ContentFile(b"bytes"))

    assert not list(tmp_path.rglob("one.jpg"))


def test_imports_inside_modules_get_hashed_names(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "http.js").write_text("export const get = () => 1;\n")
    (tmp_path / "js" / "map.js").write_text('import { get } from "./http.js";\nget();\n')
    static = HashedStatic(location=tmp_path, base_url="/static/")

    paths = {name: (static, name) for name in ("js/http.js", "js/map.js")}
    done = {name: hashed for name, hashed, _processed in static.post_process(paths)}

    hashed_leaf = Path(done["js/http.js"]).name
    assert f'"./{hashed_leaf}"' in (tmp_path / done["js/map.js"]).read_text()


def test_imports_on_first_use_get_hashed_names_too(tmp_path):
    (tmp_path / "js" / "layers").mkdir(parents=True)
    (tmp_path / "js" / "layers" / "heat.js").write_text("export const heat = 1;\n")
    (tmp_path / "js" / "map.js").write_text(
        'const LOAD = { heat: () => import("./layers/heat.js").then(({ heat }) => heat) };\n'
    )
    static = HashedStatic(location=tmp_path, base_url="/static/")

    paths = {name: (static, name) for name in ("js/layers/heat.js", "js/map.js")}
    done = {name: hashed for name, hashed, _processed in static.post_process(paths)}

    hashed_leaf = Path(done["js/layers/heat.js"]).name
    assert f'import("./layers/{hashed_leaf}")' in (tmp_path / done["js/map.js"]).read_text()
