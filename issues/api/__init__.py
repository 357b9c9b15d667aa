"""The JSON doors: categories, who is responsible, reports in, public issues out."""

from issues.api.places import Categories, Responsible
from issues.api.reports import Issues, Photos

__all__ = ["Categories", "Issues", "Photos", "Responsible"]
