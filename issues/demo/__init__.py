"""A demo to look at: approximate ground, people to log in as, and a plausible year of issues.

Everything goes through the same doors as the real thing: imports for the ground, actions for the
issues, the locked room for the photos. Only the letters of the past are cancelled.
"""

from issues.demo.crowd import SOURCE, gather
from issues.demo.land import has_demo, lay
from issues.demo.people import PASSWORD, Login, is_inhabited, logins, open_doors, settle
from issues.demo.year import live, processors, write

__all__ = [
    "PASSWORD",
    "SOURCE",
    "Login",
    "gather",
    "has_demo",
    "is_inhabited",
    "lay",
    "live",
    "logins",
    "open_doors",
    "processors",
    "settle",
    "write",
]
