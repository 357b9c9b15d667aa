"""Photos that come with a request: how many, how heavy, one after the other."""

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest

from issues import photos
from issues.actions.pictures import MAX_PHOTOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

MOST_BYTES: Final = MAX_PHOTOS * photos.MAX_BYTES + 2**20
"""What a form with its photos may weigh."""


def files(request: HttpRequest) -> "Iterator[UploadedFile[Any]]":
    """Give the files of a request, whatever their fields are called."""
    for _field, found in request.FILES.lists():
        yield from found


def read(file: "UploadedFile[Any]") -> bytes:
    """Read an upload.

    Raises:
        PhotoRefused: it weighs too much.
    """
    photos.weigh(file.size or 0)
    return bytes(file.read())
