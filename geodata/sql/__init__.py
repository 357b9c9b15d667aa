"""Named statements: one file each, parameters always apart."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent


@cache
def statement(name: str, folder: Path = FOLDER) -> str:
    """Read the text of a statement by its file name without the ending."""
    return (folder / f"{name}.sql").read_text()


def fetch(name: str, params: Mapping[str, Any], *, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Run one named statement.

    Args:
        name: file name without the ending.
        params: values for the `%(name)s` places of the statement.
        folder: where the caller keeps its statements.

    Returns:
        One dictionary a row, by column name, in the statement's order.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(name, folder), params)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
