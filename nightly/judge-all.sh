#!/bin/sh
# Judges each kernel of a plan, which comes on standard input, by its shards SHARDS/NAME-*. Reports and records go to
# STATE/NIGHT; STATE/last/NAME is the last night of a kernel that could be told, STATE/judged/KEY says that it was.
# Usage: nightly/plan.sh STATE | nightly/judge-all.sh STATE SHARDS NIGHT
# Ends with the worst status of judge.sh.
set -eu
state=$(cd "$1" && pwd) shards=$(mkdir -p "$2" && cd "$2" && pwd) night=$3
cd "$(dirname "$0")/.."
mkdir -p "$state/$night" "$state/last" "$state/judged"
worst=0
while read -r name key kernel; do
  printf '\n== %s\n' "$kernel"
  status=0
  nightly/judge.sh "$state/$night/$name" "$state/last/$name" "$shards/$name"-* </dev/null || status=$?
  case $status in
    0 | 1)
      ln -sfn "../$night/$name" "$state/last/$name"
      echo "$night/$name" >"$state/judged/$key"
      ;;
  esac
  # A new failure (1) is worse than what could not be told (69), which is worse than nothing new (0).
  case $worst$status in
    *0 | 169) ;;
    *) worst=$status ;;
  esac
done
# A week of nights is kept, and the last of each kernel.
find "$state" -mindepth 1 -maxdepth 1 -type d -mtime +7 | while read -r folder; do
  name=$(basename "$folder")
  case $name in last | judged) continue ;; esac
  find "$state/last" -lname "../$name/*" | grep -q . || rm -r "$folder"
done
exit "$worst"
