"""Put a new edition of boundaries in force; route the open issues of the changed land again."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geodata import boundaries
from geodata.errors import BadBoundaries, Problem
from geodata.models import City, Level
from geodata.vectors import Layer
from issues import actions
from issues.management.imports import ImportCommand, number, provenance, write_report


class Command(ImportCommand):
    """Read a file of areas, name every fault, and load all of it or nothing."""

    help = "Memuat batas wilayah kota, kecamatan, desa, kawasan atau tetangga."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the level, the columns and what may pass."""
        super().add_arguments(parser)
        parser.add_argument(
            "--level", required=True, help=_("kota, kecamatan, desa, kawasan atau tetangga")
        )
        parser.add_argument("--kind-field", help=_("kolom jenis wilayah"))
        parser.add_argument("--parent-field", help=_("kolom kode wilayah induk"))
        parser.add_argument(
            "--accept-slivers",
            action="store_true",
            help=_("muat walau ada celah dan tumpang tindih yang kecil dan sempit"),
        )
        parser.add_argument(
            "--sliver-m2",
            type=float,
            default=boundaries.SLIVER_M2,
            help=_("luas terbesar yang dianggap kecil, m² (bawaan: 100)"),
        )

    def run(self, city: City, options: dict[str, Any]) -> None:
        """Name every fault; where they may pass, replace the edition and route again."""
        level = Level.named(options["level"])
        layer = self._read(level, options)
        problems = self._check(city, level, layer, options=options)
        self._write(city, level, layer, problems=problems, options=options)

    def _read(self, level: Level, options: dict[str, Any]) -> Layer:
        with self.progress(_("Membaca")):
            return boundaries.read(
                options["file"],
                level=level,
                name_field=options["name_field"],
                code_field=options["code_field"],
                kind_field=options["kind_field"],
                parent_field=options["parent_field"],
                crs=options["crs"],
                layer=options["file_layer"],
            )

    def _check(
        self, city: City, level: Level, layer: Layer, *, options: dict[str, Any]
    ) -> tuple[Problem, ...]:
        with self.progress(_("Memeriksa %(count)d wilayah") % {"count": len(layer.frame)}):
            problems = boundaries.check(
                layer.frame,
                level=level,
                metric_srid=city.metric_srid,
                sliver_m2=options["sliver_m2"],
                extent=city.extent,
            )
            remarks = boundaries.remarks(layer.frame, metric_srid=city.metric_srid)
        self.tell((*layer.notes, *remarks), problems)
        if options["report"]:
            write_report(options["report"], problems)
        try:
            return boundaries.accept(problems, slivers=options["accept_slivers"])
        except BadBoundaries:
            raise CommandError(_refused(problems)) from None

    @transaction.atomic
    def _write(
        self,
        city: City,
        level: Level,
        layer: Layer,
        *,
        problems: tuple[Problem, ...],
        options: dict[str, Any],
    ) -> None:
        now = timezone.now()
        with self.progress(_("Menulis")):
            done = boundaries.replace(
                city,
                level,
                boundaries.features(layer.frame),
                provenance=provenance(layer, options),
                accepted=problems,
                at=now,
            )
        with self.progress(_("Mengarahkan ulang laporan di lahan yang berubah")):
            reason = _("Batas wilayah baru (%(source)s)") % {"source": done.edition.source}
            moved = actions.reroute_land(city, done.land, reason=reason, at=now)
        self.conclude(
            _(
                "%(city)s: %(rows)d wilayah %(level)s dimuat; "
                "lahan yang berubah %(land)s km²; laporan yang berpindah: %(moved)d."
            )
            % {
                "rows": done.edition.rows,
                "level": level.label,
                "city": city.name,
                "land": _square_km(done.land, city.metric_srid),
                "moved": moved,
            },
            accepted=len(problems),
            dry_run=options["dry_run"],
        )


def _refused(problems: tuple[Problem, ...]) -> str:
    fatal = sum(not problem.tolerable for problem in problems)
    hint = "" if fatal else _(" Semuanya kecil: --accept-slivers memuatnya.")
    return _("Ditolak: %(count)d masalah, tidak ada yang dimuat.%(hint)s") % {
        "count": len(problems),
        "hint": hint,
    }


def _square_km(land: GEOSGeometry | None, metric_srid: int) -> str:
    size = 0.0 if land is None else land.transform(metric_srid, clone=True).area / 1e6
    return number(size, 3)
