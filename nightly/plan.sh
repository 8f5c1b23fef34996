#!/bin/sh
# What a night has to judge: a line `NAME KEY KERNEL` for each kernel that was not judged yet with these scenarios.
# Usage: nightly/plan.sh STATE   Environment: KERNELS, and SCENARIOS as for shard.sh
set -eu
state=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
status=0
for kernel in ${KERNELS:-debian:6.1 debian:6.12 debian:7}; do
  if ! key=$(nightly/key.sh "$kernel"); then
    status=69
  elif [ -e "$state/judged/$key" ]; then
    echo "$kernel was judged already, in $(cat "$state/judged/$key")." >&2
  else
    echo "$(echo "$kernel" | tr -c 'A-Za-z0-9.\n' -) $key $kernel"
  fi
done
exit "$status"
