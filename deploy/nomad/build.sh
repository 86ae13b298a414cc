#!/usr/bin/env bash
# Builds the Nomad agent that agent/go.mod names, once, outside of the repository, and prints where it lies. The first
# build takes minutes; who comes meanwhile waits for it.
set -euo pipefail
cd "$(dirname "$0")/agent"
version=$(sed -n 's|^require github.com/hashicorp/nomad v||p; s|^\tgithub.com/hashicorp/nomad v\([0-9.]*\).*|\1|p' go.mod | head -1)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bowecho
agent=$cache/nomad-$version-$(cat go.mod go.sum | sha256sum | cut -c1-12)

mkdir -p "$cache"
exec 9>"$agent.lock"
flock 9
if [ ! -x "$agent" ]; then
	echo "building Nomad $version, which takes some minutes" >&2
	CGO_ENABLED=1 nice -n 19 go build -trimpath -ldflags '-s -w' -o "$agent.new" github.com/hashicorp/nomad
	mv "$agent.new" "$agent"
fi
echo "$agent"
