"""Put a new edition of the basemap in force: roads, water, buildings, land, green, names."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geodata import assets, basemap
from geodata.assets import RowProblem
from geodata.models import BasemapKind, City
from geodata.vectors import Layer
from issues.management.imports import ImportCommand, provenance, write_report


class Command(ImportCommand):
    """Read a file of things to draw, name every fault of every row, and load the sound rows."""

    help = "Memuat peta dasar sendiri: jalan, air, bangunan, daratan, taman, nama tempat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what the file holds, where its class stands, and whether faults may pass."""
        super().add_arguments(parser)
        parser.add_argument(
            "--kind",
            choices=BasemapKind.values,
            help=_("isi berkas; bawaan: menurut kolom highway, waterway, building, fclass …"),
        )
        parser.add_argument("--class-field", help=_("kolom kelas, mis. highway"))
        parser.add_argument(
            "--accept-errors", action="store_true", help=_("muat baris yang baik saja")
        )

    def run(self, city: City, options: dict[str, Any]) -> None:
        """Name every fault; load what stands if the operator accepts that."""
        layer, kind = self._read(options)
        with self.progress(_("Memeriksa %(count)d baris") % {"count": len(layer.frame)}):
            problems = basemap.check(layer.frame, kind=kind)
        self.tell(layer.notes, problems)
        if options["report"]:
            write_report(options["report"], problems)
        if problems and not options["accept_errors"]:
            raise CommandError(
                _("Ditolak: %(count)d masalah, tidak ada yang dimuat (lihat --accept-errors)")
                % {"count": len(problems)}
            )
        self._write(city, kind, layer=layer, problems=problems, options=options)

    def _read(self, options: dict[str, Any]) -> tuple[Layer, BasemapKind]:
        with self.progress(_("Membaca")):
            return basemap.read(
                options["file"],
                kind=BasemapKind(options["kind"]) if options["kind"] else None,
                columns=basemap.Columns(name=options["name_field"], sort=options["class_field"]),
                crs=options["crs"],
                layer=options["file_layer"],
            )

    @transaction.atomic
    def _write(
        self,
        city: City,
        kind: BasemapKind,
        *,
        layer: Layer,
        problems: Sequence[RowProblem],
        options: dict[str, Any],
    ) -> None:
        sound = assets.sound(layer.frame, problems)
        rows = basemap.around(sound, city.extent)
        with self.progress(_("Menulis %(count)d baris") % {"count": len(rows)}):
            edition = basemap.replace(
                city, kind, rows, provenance=provenance(layer, options), accepted=problems
            )
        self.conclude(
            _(
                "%(rows)d baris %(kind)s %(city)s dimuat; %(left)d baris ditolak, "
                "%(far)d baris jauh dari kota dilewati."
            )
            % {
                "rows": edition.rows,
                "kind": kind.label,
                "city": city.name,
                "left": len(layer.frame) - len(sound),
                "far": len(sound) - len(rows),
            },
            accepted=0,
            dry_run=options["dry_run"],
        )
