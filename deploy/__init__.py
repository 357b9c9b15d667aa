"""One machine from nothing to a running or tested CivicMap: `python3.11 -m deploy COMMAND`.

The Makefile calls it. It runs before anything is installed, so it uses the standard library alone,
and it knows nothing of the app but its commands.
"""
