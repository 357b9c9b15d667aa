"""What the import commands have in common: their options, the list of faults, the last word."""

import csv
import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geodata.assets import RowProblem
from geodata.editions import Provenance
from geodata.errors import KINDS, GeodataError, Problem
from geodata.models import City
from geodata.vectors import Layer

WIDTH: Final = 160
"""Signs of a line where the output is no terminal, so that no name is cut in two."""

SHOWN: Final = 5000
"""How many faults are printed; a report has no limit."""

_FIRST_SIGNS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class ImportCommand(BaseCommand):
    """A command that reads an operator's file, names its faults and loads it or nothing."""

    console: Console

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, whose it is, where it comes from, and what to write down."""
        parser.add_argument(
            "file", type=Path, help=_("GeoJSON, GeoPackage atau shapefile dalam zip")
        )
        parser.add_argument("--city", default=settings.DEFAULT_CITY, help=_("kota (slug)"))
        parser.add_argument("--source", default="", help=_("siapa pembuatnya; bawaan: nama berkas"))
        parser.add_argument("--licence", default="", help=_("lisensi data"))
        parser.add_argument("--date", type=date.fromisoformat, help=_("tanggal data, TTTT-BB-HH"))
        parser.add_argument(
            "--dataset", default="", help=_("nama, bila satu lapisan punya beberapa sumber")
        )
        parser.add_argument("--crs", default="", help=_("CRS berkas, mis. EPSG:32750"))
        parser.add_argument("--file-layer", default="", help=_("lapisan di dalam berkas"))
        parser.add_argument("--name-field", help=_("kolom nama"))
        parser.add_argument("--code-field", help=_("kolom kode"))
        parser.add_argument("--report", type=Path, help=_("tulis masalah ke .csv atau .geojson"))
        parser.add_argument("--dry-run", action="store_true", help=_("periksa dan hitung saja"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import; what is wrong with the file is one line and exit code 1."""
        del args
        stream: Any = self.stdout._out  # noqa: SLF001  the stream below Django's wrapper
        self.console = Console(file=stream, width=_width(stream), highlight=False)
        try:
            self.run(_city(options["city"]), options)
        except GeodataError as error:
            raise CommandError(_refusal(error)) from None

    def run(self, city: City, options: dict[str, Any]) -> None:
        """Read, check, write."""
        raise NotImplementedError

    @contextmanager
    def progress(self, words: str) -> Iterator[None]:
        """Show that something is being done, and for how long."""
        if not self.console.is_terminal:
            self.console.print(f"{words} …")
            yield
            return
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=self.console, transient=True) as bar:
            bar.add_task(words, total=None)
            yield

    def tell(self, notes: Iterable[str], problems: Sequence[Problem]) -> None:
        """Print every note and every fault, then how many of each kind."""
        for note in notes:
            self.console.print(Text(_("Catatan: %(note)s") % {"note": note}))
        if not problems:
            return
        self.console.print(_table(problems[:SHOWN]))
        if len(problems) > SHOWN:
            words = _("… dan %(count)d lagi; --report menulis semuanya")
            self.console.print(Text(words % {"count": len(problems) - SHOWN}))
        for kind, count in Counter(problem.kind for problem in problems).items():
            self.console.print(Text(f"{KINDS[kind]}: {count}"))

    def conclude(self, words: str, *, accepted: int, dry_run: bool) -> None:
        """Say what was done; a dry run takes it all back. Runs inside the transaction."""
        self.console.print(Text(words))
        if accepted:
            self.console.print(Text(_("%(count)d masalah diterima.") % {"count": accepted}))
        if dry_run:
            transaction.set_rollback(True)
            self.console.print(Text(_("Percobaan: tidak ada yang disimpan.")))


def provenance(layer: Layer, options: dict[str, Any]) -> Provenance:
    """Say where a layer comes from, from its file and the operator's words."""
    return Provenance(
        source=options["source"] or layer.file_name,
        licence=options["licence"],
        source_date=options["date"],
        dataset=options["dataset"],
        crs=layer.crs,
        file_name=layer.file_name,
        checksum=layer.checksum,
    )


def write_report(path: Path, problems: Sequence[Problem]) -> None:
    """Write faults as a spreadsheet, or as points of a map (`.geojson`).

    Raises:
        CommandError: the name ends in neither `.csv` nor `.geojson`.
    """
    writers = {".csv": _write_csv, ".geojson": _write_geojson}
    if path.suffix.lower() not in writers:
        raise CommandError(_("Laporan ditulis ke .csv atau .geojson."))
    writers[path.suffix.lower()](path, problems)


def cell(text: str) -> str:
    """Keep a spreadsheet from running a stranger's text as a formula."""
    return f"'{text}" if text.startswith(_FIRST_SIGNS_OF_FORMULAS) else text


def number(value: float, decimals: int) -> str:
    """Write a number as people here do: 3.442,9."""
    # Rounded first: number_format cuts.
    return number_format(round(value, decimals), decimals, force_grouping=True)


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() else WIDTH


def _city(slug: str) -> City:
    found = City.objects.filter(slug=slug).first()
    if found:
        return found
    known = ", ".join(City.objects.order_by("slug").values_list("slug", flat=True)) or "-"
    raise CommandError(
        _("Kota “%(slug)s” belum dimuat (manage.py load_reference). Yang ada: %(known)s.")
        % {"slug": slug, "known": known}
    )


def _refusal(error: GeodataError) -> str:
    meaning = _(error.__doc__).removesuffix(".") if error.__doc__ else ""
    return ": ".join([meaning, *map(str, error.args)])


def _table(problems: Sequence[Problem]) -> Table:
    table = Table(title=_("Masalah"), title_justify="left")
    table.add_column(_("jenis"))
    table.add_column(_("di mana"), overflow="fold")
    table.add_column("m²", justify="right")
    table.add_column(_("lintang, bujur"))
    table.add_column(_("keterangan"), overflow="fold")
    table.add_column(_("boleh"))
    for problem in problems:
        # Text, not markup: a name may hold brackets.
        table.add_row(*(Text(words) for words in _words(problem)))
    return table


def _words(problem: Problem) -> tuple[str, ...]:
    return (
        str(KINDS[problem.kind]),
        " · ".join(problem.names),
        "" if problem.area_m2 is None else number(problem.area_m2, 1),
        "" if problem.place is None else f"{problem.place[1]:.6f}, {problem.place[0]:.6f}",
        _detail(problem),
        _("ya") if problem.tolerable else _("tidak"),
    )


def _detail(problem: Problem) -> str:
    value = problem.value if isinstance(problem, RowProblem) else ""
    return f"{value}: {problem.detail}" if value else problem.detail


def _write_csv(path: Path, problems: Sequence[Problem]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["jenis", "nama", "luas_m2", "lintang", "bujur", "keterangan", "diterima"])
        for problem in problems:
            lon, lat = problem.place or ("", "")
            size = "" if problem.area_m2 is None else round(problem.area_m2, 3)
            names = cell(" · ".join(problem.names))
            last = "ya" if problem.tolerable else "tidak"
            writer.writerow([problem.kind, names, size, lat, lon, cell(problem.detail), last])


def _write_geojson(path: Path, problems: Sequence[Problem]) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": problem.place} if problem.place else None,
            "properties": {
                "kind": problem.kind,
                "names": problem.names,
                "area_m2": problem.area_m2,
                "detail": problem.detail,
                "tolerable": problem.tolerable,
            },
        }
        for problem in problems
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
