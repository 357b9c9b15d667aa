"""Settings of a server that is measured: the app's own, and one bare view beside its addresses."""

from civicmap.policy import POLICY, PUBLIC
from civicmap.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "bench.urls"
POLICY["bare"] = PUBLIC
