"""Files in, rows of cells out, one after the other: CSV, XLSX, GeoJSON, GeoParquet."""

from issues.ingest.readers.opening import open_rows
from issues.ingest.readers.rows import Opened, Raw, UnreadableRows

__all__ = ["Opened", "Raw", "UnreadableRows", "open_rows"]
