#!/usr/bin/env bash
# root.sh PROGRAM FOLDER: makes a folder that holds a program, under its own name, and all that it needs to run: the
# libraries that it is linked with, at the paths where it looks for them, users, certificates and a place for files.
# It is what an image holds, and what Nomad's exec driver shows a worker as /.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: $0 PROGRAM FOLDER" >&2; exit 2; }
program=$1 root=$2
umask 022

libraries=$(ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | sort -u || true) # a static program has none
if missing=$(ldd "$program" 2>/dev/null | grep 'not found'); then
	echo "$program needs what is not installed: $missing" >&2
	exit 1
fi
rm -rf "$root"
mkdir -p "$root"/etc/ssl/certs
mkdir -m 1777 "$root"/tmp "$root"/data
install -m 755 "$program" "$root/$(basename "$program")"
for library in $libraries; do
	install -D -m 755 "$library" "$root$library" # what a link points at, under the link's name
done
printf 'root:x:0:0::/:\nnobody:x:65534:65534::/:\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
certificates=/etc/ssl/certs/ca-certificates.crt
if [ -e $certificates ]; then # whom bowecho trusts as a client over TLS
	install -m 644 $certificates "$root$certificates"
fi
