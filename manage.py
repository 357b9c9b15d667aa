#!/usr/bin/env python3
"""Run an administrative command of CivicMap."""

import os
import sys

from django.core.management import execute_from_command_line

SERVING = {"runserver", "worker"}
"""Commands that answer people, under the settings' time limits; all others are an operator's."""

PATIENT = "-c lock_timeout=60s"
"""A migration, an import or a check of a million issues is not cut short."""

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicmap.settings")
    if not SERVING & set(sys.argv[1:2]):
        os.environ.setdefault("DATABASE_OPTIONS", PATIENT)
    execute_from_command_line(sys.argv)
