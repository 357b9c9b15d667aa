"""The roof: settings, addresses, errors, headers, health.

Django takes psycopg 3 as soon as it can import it, and procrastinate brings it along. The house is
built on psycopg2: so Django's database backend is imported once while psycopg 3 is out of sight.
`civicmap.checks` proves it.
"""

import importlib
import sys

_earlier = sys.modules.pop("psycopg", None)
sys.modules["psycopg"] = None  # type: ignore[assignment]  # hides psycopg 3 for the next line only
try:
    importlib.import_module("django.db.backends.postgresql.base")
finally:
    del sys.modules["psycopg"]
    if _earlier is not None:
        sys.modules["psycopg"] = _earlier
