"""Settings of the offline tests: files with hashed names out of a folder, as in operation.

`STATIC_SOURCE` names the folder that they come from; a test changes a file in a copy of it.
"""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403 - the tests' own, with other files

_HOME = Path(os.environ["STACK_HOME"])

MEDIA_ROOT, STATIC_ROOT = _HOME / "media", _HOME / "static"
STATICFILES_DIRS = [os.environ["STATIC_SOURCE"]]
STORAGES |= {"staticfiles": {"BACKEND": "civicmap.storage.HashedStatic"}}  # noqa: F405
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = False
# To pack every file takes longer than all else here.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["js", "css", "svg", "png", "json", "map", "txt", "html"]
