#!/bin/sh
# Makes one shard of a night. Its status is not the night's: a merge says what became of all of them.
# Usage: nightly/shard.sh KERNEL INDEX OF OUT [LAST]   LAST: last night's run of that kernel, whose times split the work.
# Each scenario runs twice, restored and booted: that checkpoints change nothing is judged every night, on every kernel.
# Environment: SCENARIOS (files or folders; default: all, the corpus of explorations too), JOBS (default: auto)
set -eu
cd "$(dirname "$0")/.."
kernel=$1 index=$2 of=$3 out=$4 last=${5-}
set -- --kernel "$kernel" --shard "$index/$of" --out "$out" --jobs "${JOBS:-auto}" --verify-restore
if [ -n "$last" ] && [ -e "$last/plan.json" ]; then set -- "$@" --durations "$last"; fi
# shellcheck disable=SC2086  # a list of words
exec npx tierlab run ${SCENARIOS-scenarios} "$@"
