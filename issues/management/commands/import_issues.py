"""Bring in the issues of the past from a file, however many: `manage.py import_issues`."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from geodata.models import City
from issues.ingest import cases, importing, loading, mapping, readers, staging
from issues.ingest.faults import FAULTS
from issues.management.imports import WIDTH, cell, number
from issues.management.progress import columns


class Command(BaseCommand):
    """Check every row, load the sound ones, name every fault; what was loaded before is known."""

    help = "Memuat laporan dari CSV, XLSX, GeoJSON atau GeoParquet, dengan riwayatnya."
    console: Console

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, its mapping, and where to write what cannot be loaded."""
        parser.add_argument("file", type=Path, help=_("CSV, XLSX, GeoJSON atau GeoParquet"))
        parser.add_argument(
            "--mapping",
            type=Path,
            required=True,
            help=_("pemetaan kolom (TOML); contoh: issues/ingest/example.toml"),
        )
        parser.add_argument("--city", default=settings.DEFAULT_CITY, help=_("kota (slug)"))
        parser.add_argument("--rejects", type=Path, help=_("tulis baris bermasalah ke .csv"))
        parser.add_argument(
            "--batch", type=int, default=importing.BATCH, help=_("baris per transaksi")
        )
        parser.add_argument("--dry-run", action="store_true", help=_("periksa dan hitung saja"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import; what is wrong with file or mapping is one line and exit code 1."""
        del args
        stream: Any = self.stdout._out  # noqa: SLF001  the stream below Django's wrapper
        self.console = Console(file=stream, width=None if stream.isatty() else WIDTH)
        city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandError(_("Kota “%(slug)s” belum dimuat.") % {"slug": options["city"]})
        try:
            self._run(city, options)
        except (mapping.BadMapping, readers.UnreadableRows, importing.AlreadyRunning) as error:
            meaning = (error.__doc__ or "").removesuffix(".")
            words = ": ".join([_(meaning), *map(str, error.args)])
            raise CommandError(words) from None

    def _run(self, city: City, options: dict[str, Any]) -> None:
        given = mapping.read(options["mapping"], city)
        opened = readers.open_rows(options["file"], given.wanted, options=given.file)
        book = cases.book(city, given.source)
        for note in opened.notes:
            self._say(note)
        with importing.alone(book):
            with self._bar(_("Memeriksa"), opened.size) as told:
                found = importing.stage(opened, given, book, told.to)
            with self._bar(_("Memuat"), found.sound) as told:
                done = importing.load(
                    found.sound,
                    given,
                    book,
                    keep=not options["dry_run"],
                    told=told.by,
                    batch=max(1, options["batch"]),
                )
            self._report(found, done, dry_run=options["dry_run"])
            if options["rejects"]:
                _write(options["rejects"])
            # Last: whatever stops it, the operator has read by then what became of every row.
            if done.written and not options["dry_run"] and not loading.finish():
                self._say(_("Hitungan peta dirapikan kemudian oleh pekerja."))

    def _say(self, words: str) -> None:
        self.console.print(Text(words))

    @contextmanager
    def _bar(self, words: str, total: int) -> Iterator["_Told"]:
        with Progress(*columns(), console=self.console, transient=True) as bar:
            yield _Told(bar, bar.add_task(words, total=total))

    def _report(self, found: staging.Summary, done: importing.Outcome, *, dry_run: bool) -> None:
        """Say the same after a dry run as after the real one."""
        rows = (
            (_("Baris dibaca"), found.read),
            (_("Ditolak"), found.read - found.sound + done.refused),
            (_("Sudah ada"), done.known),
            (_("Dimuat"), done.written),
            (_("Peristiwa"), done.events),
            (_("Foto diantrekan"), done.photos),
            (_("Teks menunggu tinjauan"), found.held - done.unheld),
            (_("Bujur dan lintang dibetulkan"), found.corrected),
            (_("Tempat dibuang karena keliru"), found.dropped),
            (_("Tanpa titik"), found.unplaced),
        )
        for words, count in rows:
            self._say(f"{words:<30}{number(count, 0):>12}")
        reasons = staging.reasons()
        if reasons:
            self._say(_("Masalah:"))
        for code, count in reasons:
            self._say(f"  {FAULTS[code]!s:<42}{number(count, 0):>12}")
        if dry_run:
            self._say(_("Percobaan: tidak ada yang disimpan."))


class _Told:
    """Moves a bar."""

    def __init__(self, bar: Progress, task: Any) -> None:
        self.bar = bar
        self.task = task

    def to(self, place: int) -> None:
        """Move it to a place."""
        self.bar.update(self.task, completed=place)

    def by(self, step: int) -> None:
        """Move it on."""
        self.bar.advance(self.task, step)


def _write(path: Path) -> None:
    """Write line, external id and every reason of each row with a fault."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["baris", "id", "alasan"])
        for line, external_id, faults in staging.rejected():
            writer.writerow([line, cell(external_id), cell("; ".join(map(str, faults)))])
