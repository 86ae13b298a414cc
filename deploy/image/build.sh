#!/usr/bin/env bash
# build.sh PROGRAM VERSION REVISION FOLDER: makes an image of a program, without a registry and without a daemon:
# FOLDER/root, which is also what Nomad's exec driver shows a worker as /, and FOLDER/bowecho.tar, which `docker load`,
# `podman load` and `ctr image import` take as bowecho:VERSION. The same program and libraries give the same bytes.
set -euo pipefail
[ $# -eq 4 ] || { echo "usage: $0 PROGRAM VERSION REVISION FOLDER" >&2; exit 2; }
program=$1 version=$2 revision=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$out"
"$here/root.sh" "$program" "$out/root"

parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
pack() { # FOLDER NAME...: nothing in it depends on when and by whom it is packed
	tar --create --format=gnu --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --directory="$1" "${@:2}"
}
digest() { sha256sum "$1" | cut -d' ' -f1; }

pack "$out/root" . >"$parts/layer.tar"
case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
cat >"$parts/config.json" <<JSON
{"architecture":"$machine","os":"linux","created":"1970-01-01T00:00:00Z",
"config":{"User":"65534:65534","Entrypoint":["/$(basename "$program")"],"WorkingDir":"/","Labels":{
"org.opencontainers.image.title":"bowecho","org.opencontainers.image.licenses":"Apache-2.0",
"org.opencontainers.image.version":"$version","org.opencontainers.image.revision":"$revision"}},
"rootfs":{"type":"layers","diff_ids":["sha256:$(digest "$parts/layer.tar")"]},
"history":[{"created":"1970-01-01T00:00:00Z","created_by":"make image"}]}
JSON
image=$(digest "$parts/config.json")
mv "$parts/config.json" "$parts/$image.json"
cat >"$parts/manifest.json" <<JSON
[{"Config":"$image.json","RepoTags":["bowecho:$version"],"Layers":["layer.tar"]}]
JSON
pack "$parts" manifest.json "$image.json" layer.tar >"$out/bowecho.tar"
echo "bowecho:$version is sha256:$image, layer sha256:$(digest "$parts/layer.tar"), in $out/bowecho.tar"
