#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, where they are missing; with `browser`,
# `containers` or `scores` also what the browser tests, workers in containers or the scoring of nowcasts need.
set -euo pipefail
want=(gcc libc6-dev pkg-config libnetcdf-dev libhdf5-dev libgeos-dev)
command -v node >/dev/null && command -v npm >/dev/null || want+=(nodejs npm)
case "${1:-}" in
browser) command -v chromium >/dev/null || want+=(chromium fonts-dejavu-core) ;;
containers) command -v dockerd >/dev/null || want+=(docker.io) ;;
scores) want+=(python3-numpy python3-scipy python3-netcdf4 netcdf-bin) ;;
esac

missing=()
for package in "${want[@]}"; do
	dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -q
"${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
