"""Shapes from HTML and JSON into clean values: citizens in `report`, `track`; staff in `desk`."""
