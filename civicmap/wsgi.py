"""The entry point of the web server."""

import os
from io import StringIO

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicmap.settings")

application = get_wsgi_application()
# A web server runs no checks of its own, and must not start with a guessable key.
call_command("check", tags=["compatibility", "security"], stdout=StringIO())
