"""Write many rows by COPY, the tables of one batch in one transaction: all of it or nothing."""

import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Self

from django.db import connection, connections, transaction

from issues.ingest.rows import TABLES, Row

_PIECE: Final = 1 << 20
_CELL: Final = "\x1f"
_NULL: Final = "\x1e"
_ROW: Final = "\x1d"
_WRITTEN: Final = (
    *(("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")),
    *((_NULL, "\\N"), (_CELL, "\t"), (_ROW, "\n")),
)
"""In this order. Source: PostgreSQL, COPY, text format."""


class Sheet:
    """The rows of one table on their way, as the text that COPY reads."""

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: list[str] = []

    def write(self, row: Iterable[Any]) -> None:
        """Write one row down; nothing in it may hold the three control characters used here."""
        cells = [
            cell if isinstance(cell, str) else _NULL if cell is None else str(cell) for cell in row
        ]
        self._rows.append(_CELL.join(cells))

    @property
    def text(self) -> io.StringIO:
        """All rows; what must be written otherwise is found in all of them at once."""
        text = _ROW.join([*self._rows, ""])
        for char, written in _WRITTEN:
            text = text.replace(char, written)
        return io.StringIO(text)


Sheets = Mapping[str, Sheet]


def sheets(rows: Iterable[tuple[str, Row]]) -> Sheets:
    """Write rows down, each with the name of its table."""
    found = {table: Sheet() for table in TABLES}
    for table, row in rows:
        found[table].write(row)
    return found


def send(batch: Sheets) -> None:
    """Send the tables of a batch in one transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # So many foreign keys take longer to prove than a page may wait.
            cursor.execute("SET LOCAL statement_timeout = 0")
        for table, sheet in batch.items():
            copy(table, TABLES[table], sheet.text)


class Press:
    """Sends one batch while the next is made: the database and Python work side by side.

    Batches go in the order in which they come. Within a transaction of the caller's own nothing can
    go beside it: there they are sent at once.
    """

    def __init__(self, *, beside: bool = True) -> None:
        """Prepare; without `beside` each batch is waited for, as a measurement may want."""
        self.is_beside = beside

    def __enter__(self) -> Self:
        alone = connection.in_atomic_block or not self.is_beside
        self._beside = None if alone else ThreadPoolExecutor(1)
        self._running: Future[None] | None = None
        return self

    def __exit__(self, *_error: object) -> None:
        if self._beside is not None:
            try:
                self.wait()
            finally:
                self._beside.submit(connections.close_all).result()
                self._beside.shutdown()

    def put(self, batch: Sheets) -> None:
        """Send a batch; wait until the one before has arrived."""
        if self._beside is None:
            send(batch)
        else:
            self.wait()
            self._running = self._beside.submit(send, batch)

    def wait(self) -> None:
        """Wait until everything has arrived; whatever went wrong is raised here."""
        if self._running is not None:
            running, self._running = self._running, None
            running.result()


def copy(table: str, columns: Sequence[str], text: io.StringIO) -> None:
    """Send rows to a table."""
    statement = f"COPY {_names([table])} ({_names(columns)}) FROM STDIN"
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, text, _PIECE)


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))
