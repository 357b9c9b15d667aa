"""Why a step failed: from what a program said to one line on what is missing and how to get it."""

import re
from pathlib import Path

TAIL_CHARACTERS = 20_000

REASONS = {
    "No space left on device|Disk quota exceeded": "the disk is full; free at least 3 GB",
    "Temporary failure resolving|Could not resolve|Failed to fetch": (
        "Debian's package server cannot be reached; check the network and /etc/apt/sources.list"
    ),
    "Unable to locate package": "the package sources lack it; they must name Debian 12's main",
    "Could not get lock": "another program is installing packages; wait for it and start again",
    "password is required|terminal is required|not in the sudoers": (
        "sudo refuses; start from a terminal of an account that may use it, or as root"
    ),
    "DO NOT MATCH THE HASHES": "a package differs from the lock file; do not trust its index",
    "name resolution|NewConnectionError|ConnectTimeout|Network is unreachable|SSLError": (
        "the Python package index cannot be reached; check the network or pip's proxy setting"
    ),
    "No matching distribution": (
        "the Python package index lacks a locked version; check the network or pip's index setting"
    ),
    "connection to server .* failed": "the database does not answer; check DATABASE_URL",
    "Permission denied": "a file belongs to somebody else; start as its owner or as root",
}


def reason(output: str) -> str:
    """Return the known reason for a failure, else the last line that the program said."""
    for pattern, explanation in REASONS.items():
        if re.search(pattern, output):
            return explanation
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def tail(log: Path) -> str:
    """Return the end of a log; nothing when there is no log."""
    try:
        return log.read_text(errors="replace")[-TAIL_CHARACTERS:]
    except FileNotFoundError:
        return ""
