"""Sheets as CSV: for spreadsheets, in which no text can run as a formula."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import HttpResponse

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Any) -> Any:
    """Keep a spreadsheet from running a text as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def sheet(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Send rows as a file of that name."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Spreadsheets take a file without this mark for the old code page.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(titles)
    writer.writerows([plain(value) for value in row] for row in rows)
    return response
