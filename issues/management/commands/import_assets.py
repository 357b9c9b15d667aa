"""Put a new edition of assets in force: street lamps, panels, road segments."""

import csv
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geodata import assets
from geodata.assets import RowProblem
from geodata.errors import KINDS
from geodata.models import City, RoadClass
from geodata.vectors import Layer
from issues.management.imports import ImportCommand, cell, provenance, write_report


class Command(ImportCommand):
    """Read a file of points or lines, name every fault of every row, and load the sound rows."""

    help = "Memuat aset kota: lampu, panel, ruas jalan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the layer, the columns, what holds for every row, and what may pass."""
        super().add_arguments(parser)
        parser.add_argument(
            "--layer", required=True, type=_layer, help=_("isi berkas: lamp, road, panel, …")
        )
        for name in ("class", "owner", "lon", "lat", "valid-from", "valid-to"):
            parser.add_argument(f"--{name}-field", help=_("kolom %(name)s") % {"name": name})
        parser.add_argument("--class-value", choices=RoadClass.values, default="")
        parser.add_argument("--owner", default="", help=_("pemilik semua baris"))
        parser.add_argument("--valid-from", type=date.fromisoformat, help=_("berlaku mulai"))
        parser.add_argument("--valid-to", type=date.fromisoformat, help=_("hari berlaku terakhir"))
        parser.add_argument(
            "--accept-errors", action="store_true", help=_("muat baris yang baik saja")
        )
        parser.add_argument("--rejects", type=Path, help=_("tulis baris bermasalah ke .csv"))

    def run(self, city: City, options: dict[str, Any]) -> None:
        """Name every fault; load what stands if the operator accepts that."""
        layer = self._read(options)
        with self.progress(_("Memeriksa %(count)d baris") % {"count": len(layer.frame)}):
            problems = assets.check(layer.frame, layer=options["layer"], extent=city.extent)
            remarks = assets.remarks(layer.frame)
        self.tell((*layer.notes, *remarks), problems)
        if options["report"]:
            write_report(options["report"], problems)
        if options["rejects"]:
            _write_rejects(options["rejects"], problems)
        if problems and not options["accept_errors"]:
            raise CommandError(
                _("Ditolak: %(count)d masalah, tidak ada yang dimuat (lihat --accept-errors)")
                % {"count": len(problems)}
            )
        self._write(city, layer, problems=problems, options=options)

    def _read(self, options: dict[str, Any]) -> Layer:
        with self.progress(_("Membaca")):
            return assets.read(
                options["file"],
                columns=assets.Columns(
                    code=options["code_field"],
                    name=options["name_field"],
                    road_class=options["class_field"],
                    owner=options["owner_field"],
                    valid_from=options["valid_from_field"],
                    valid_to=options["valid_to_field"],
                    lon=options["lon_field"],
                    lat=options["lat_field"],
                ),
                constants=assets.Constants(
                    road_class=options["class_value"],
                    owner=options["owner"],
                    valid_from=options["valid_from"],
                    valid_to=options["valid_to"],
                ),
                crs=options["crs"],
                layer=options["file_layer"],
            )

    @transaction.atomic
    def _write(
        self,
        city: City,
        layer: Layer,
        *,
        problems: Sequence[RowProblem],
        options: dict[str, Any],
    ) -> None:
        rows = assets.sound(layer.frame, problems)
        with self.progress(_("Menulis %(count)d baris") % {"count": len(rows)}):
            edition = assets.replace(
                city,
                options["layer"],
                rows,
                provenance=provenance(layer, options),
                accepted=problems,
            )
        self.conclude(
            _("%(rows)d baris %(layer)s %(city)s dimuat; %(left)d baris ditolak.")
            % {
                "rows": edition.rows,
                "layer": edition.layer,
                "city": city.name,
                "left": len(layer.frame) - edition.rows,
            },
            accepted=sum(problem.tolerable for problem in problems),
            dry_run=options["dry_run"],
        )


def _layer(name: str) -> str:
    if not assets.is_layer(name):
        raise ArgumentTypeError(_("huruf kecil dan garis bawah, bukan nama tingkat wilayah"))
    return name


def _write_rejects(path: Path, problems: Sequence[RowProblem]) -> None:
    """Write line, value and reason of every row that cannot be loaded."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["baris", "kode", "jenis", "nilai", "alasan"])
        for problem in problems:
            if not problem.tolerable:
                code = problem.names[1] if len(problem.names) > 1 else ""
                words = (code, str(KINDS[problem.kind]), problem.value, problem.detail)
                writer.writerow([problem.line, *map(cell, words)])
