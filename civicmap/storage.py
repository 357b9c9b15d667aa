"""Where files lie: hashed static names, and photos that survive a power cut.

Static files are public and their names change with their content. Photos lie under `MEDIA_ROOT`,
private, and no web server ever looks there: views hand them out after asking who wants them.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from whitenoise.storage import (
    CompressedManifestStaticFilesStorage,
)

from issues.photos import full_disk_said

if TYPE_CHECKING:
    from django.core.files import File

FILE_MODE = 0o640
FOLDER_MODE = 0o750


class HashedStatic(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types
    """Static files with a hash in their name, also inside ES-module imports, compressed."""

    support_js_module_import_aggregation = True
    # A name is known once the names of all that it imports are: so deep may a chain of modules be.
    max_post_process_passes = 15


@deconstructible(path="civicmap.storage.DurableStorage")
class DurableStorage(FileSystemStorage):
    """Files that are on the disk, name and content, when `save` returns.

    Call it before the row's COMMIT: then no row ever points to a file that a power cut took.
    A file is written beside its place, synced, and linked into place without replacing another.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("file_permissions_mode", FILE_MODE)
        options.setdefault("directory_permissions_mode", FOLDER_MODE)
        super().__init__(**options)

    def url(self, name: str | None) -> str:
        """Refuse: nothing here has an address of its own."""
        message = f"{name} is private and has no address"
        raise ValueError(message)

    def delete(self, name: str) -> None:
        """Remove the file so that a power cut does not bring it back."""
        super().delete(name)
        folder = Path(self.path(name)).parent
        if folder.is_dir():
            _sync(folder)

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Write, sync, link, sync. Returns: the name in the storage, with forward slashes.

        Raises:
            StorageFull: no space, or the quota is used up; nothing is left behind.
        """
        folder = Path(self.path(name)).parent
        with full_disk_said():
            self._make(folder)
            part = folder / f".{secrets.token_hex(8)}.part"
            try:
                self._write(part, content)
                name = self._link(part, name)
            finally:
                part.unlink(missing_ok=True)
            for step in self._up_from(folder):
                _sync(step)
        return name.replace("\\", "/")

    def _make(self, folder: Path) -> None:
        """Create the missing folders; a chmod, because mkdir listens to the umask."""
        for step in reversed([step for step in self._up_from(folder) if not step.exists()]):
            step.mkdir(parents=True, exist_ok=True)
            step.chmod(self.directory_permissions_mode or FOLDER_MODE)

    def _up_from(self, folder: Path) -> Iterator[Path]:
        """Yield the folder and those above it, up to the root of the storage.

        All are synced each time: another process may have made them a moment ago, unsynced.
        """
        root = Path(self.location)
        yield folder
        while folder != root:
            folder = folder.parent
            yield folder

    def _write(self, part: Path, content: "File[bytes]") -> None:
        """Write the whole content to a new file and sync it."""
        with part.open("xb") as file:
            os.fchmod(file.fileno(), self.file_permissions_mode or FILE_MODE)
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def _link(self, part: Path, name: str) -> str:
        """Give the finished file its name, or the next free one where somebody was faster."""
        while True:
            try:
                Path(self.path(name)).hardlink_to(part)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name


def _sync(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
