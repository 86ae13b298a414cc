#!/usr/bin/env bash
# Fuzzes every fuzz target of the tree for a while each: fuzz.sh 20s
set -euo pipefail
time=${1:?how long each, like 20s}
export GOMEMLIMIT=1GiB
count=0
while IFS=: read -r file name; do
	echo "fuzz $name in $(dirname "$file") for $time"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1x "./$(dirname "$file")"
	count=$((count + 1))
done < <(git grep -oE '^func Fuzz[A-Za-z0-9]*' -- '*_test.go' | sed -E 's/:func /:/')
echo "$count targets fuzzed"
[ "$count" -gt 0 ]
