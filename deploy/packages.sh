#!/bin/sh
# Installs the named Debian packages; the only thing that CivicMap does as root outside its own folder.
#
# Debian makes and starts a database cluster when the server package is new. CivicMap has its own, so the drop-in below
# holds that back, and goes again, so that the machine's later installations behave as its owner is used to.
set -eu
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

hold=/etc/postgresql-common/createcluster.d/civicmap.conf
trap 'rm -f "$hold"' EXIT
mkdir -p "$(dirname "$hold")"
echo "create_main_cluster = false" >"$hold"

apt-get update
apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
