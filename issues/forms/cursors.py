"""Keys of pages: where the next one begins, by what the public knows of the last row."""

import base64
import binascii


def write(first: str, number: str) -> str:
    """Name a row by its place in the order and its number."""
    return base64.urlsafe_b64encode(f"{first}|{number}".encode()).decode()


def read(cursor: str) -> tuple[str, str]:
    """Read a key: place in the order, and number.

    Raises:
        ValueError: it is none.
    """
    try:
        first, number = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
    except binascii.Error:
        raise ValueError(cursor) from None
    if not number.isprintable():
        raise ValueError(cursor)
    return first, number
