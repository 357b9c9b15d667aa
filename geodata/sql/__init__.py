"""Named statements: one file each, parameters always apart."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

_FOLDER = Path(__file__).parent


@cache
def statement(name: str) -> str:
    """Read the text of a statement by its file name without the ending."""
    return (_FOLDER / f"{name}.sql").read_text()


def fetch(name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run one named statement.

    Args:
        name: file name without the ending.
        params: values for the `%(name)s` places of the statement.

    Returns:
        One dictionary a row, by column name, in the statement's order.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(name), params)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
