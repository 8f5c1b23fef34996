#!/bin/sh
# A night on this machine, in the steps that .github/workflows/nightly.yml takes on many.
# Usage: nightly/run.sh STATE
# Environment: KERNELS (default: debian:6.1 debian:6.12 debian:7), SHARDS (2), SCENARIOS (all), JOBS for each shard (auto)
# Exit status: 0 nothing fails that did not fail in the last night, 1 something does, 69 that could not be told.
set -eu
[ $# = 1 ] || { echo 'Usage: nightly/run.sh STATE' >&2; exit 2; }
state=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
: "${SHARDS:=2}"
night=$(date -u +%Y-%m-%dT%H-%M-%S)
shards=$(mktemp -d)
trap 'rm -rf "$shards"' EXIT

planned=0
nightly/plan.sh "$state" >"$shards/plan" || planned=$?
while read -r name _ kernel; do
  # Once, and not by every shard.
  npx tierlab kernels fetch "$kernel" </dev/null >/dev/null
  index=1
  while [ "$index" -le "$SHARDS" ]; do
    nightly/shard.sh "$kernel" "$index" "$SHARDS" "$shards/$name-$index" "$state/last/$name" </dev/null >"$shards/log-$name-$index" 2>&1 &
    index=$((index + 1))
  done
  wait
done <"$shards/plan"
status=0
nightly/judge-all.sh "$state" "$shards" "$night" <"$shards/plan" || status=$?
if [ "$status" = 69 ]; then
  echo 'What the shards said last:'
  tail -n 5 "$shards"/log-*
fi
rmdir "$state/$night" 2>/dev/null || true
[ "$status" != 0 ] || status=$planned
exit "$status"
