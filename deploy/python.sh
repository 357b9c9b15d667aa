#!/bin/sh
# Runs deploy with Python 3.11: Debian's own first (its headers build the driver), else another one, else installs it.
set -eu
cd "$(dirname "$0")/.."

find_python() {
    for candidate in /usr/bin/python3.11 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    echo "  Python 3.11 ..."
    if [ "$(id -u)" = 0 ]; then
        sh deploy/packages.sh python3 >/dev/null 2>&1 || true
    else
        sudo sh deploy/packages.sh python3 >/dev/null 2>&1 || true
    fi
    if ! python=$(find_python); then
        echo "Python 3.11 is missing and could not be installed: on Debian 12 run 'apt-get install python3' as root." >&2
        exit 1
    fi
fi
exec "$python" -m deploy "$@"
