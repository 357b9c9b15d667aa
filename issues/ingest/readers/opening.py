"""Open a file by its name's ending."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from issues.ingest.readers import features, parquet, table, workbook
from issues.ingest.readers.rows import Opened, UnreadableRows

_READERS = {
    ".csv": table.opened,
    ".tsv": table.opened,
    ".tab": table.opened,
    ".txt": table.opened,
    ".xlsx": workbook.opened,
    ".geojson": features.opened,
    ".json": features.opened,
    ".parquet": parquet.opened,
    ".geoparquet": parquet.opened,
}


def open_rows(path: Path, wanted: Sequence[str], *, options: Mapping[str, str]) -> Opened:
    """Open a local file of rows.

    Args:
        path: CSV (also .tsv, .tab, .gz), XLSX, GeoJSON or GeoParquet.
        wanted: columns that must be there.
        options: encoding, delimiter, sheet, where the file does not tell.

    Raises:
        UnreadableRows: no such file, another format, or a wanted column is not there.
    """
    if not path.is_file():
        raise UnreadableRows(_("berkas tidak ada: %(name)s") % {"name": path.name})
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    reader = _READERS.get(suffix.lower())
    if reader is None:
        raise UnreadableRows(_("bukan CSV, XLSX, GeoJSON atau GeoParquet"))
    return reader(path, wanted, options)
