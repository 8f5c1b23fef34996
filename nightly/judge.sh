#!/bin/sh
# Merges the shards of a kernel, reports them, with a page in OUT.page, and compares them with last night. Ends with 0
# when nothing fails that did not fail before, 1 when something does, 69 when that could not be told.
# Usage: nightly/judge.sh OUT LAST SHARD...   LAST need not exist: then every failure is new.
set -eu
cd "$(dirname "$0")/.."
out=$1 last=$2
shift 2
# A shard that did not even come to its plan is missing.
for shard; do
  shift
  if [ -e "$shard/plan.json" ]; then set -- "$@" "$shard"; fi
done
if [ $# = 0 ]; then
  echo 'No shard came to its plan.' >&2
  exit 69
fi
status=0
npx tierlab merge "$@" --out "$out" --format pretty \
  --format "junit=$out.xml" --format "json=$out.json" --format "kcidb=$out.kcidb.json" || status=$?
case $status in
  0 | 1 | 69) ;;
  *) exit "$status" ;;
esac
# The page is for people, and decides nothing.
set -- "$out" --out "$out.page"
if [ -e "$last/plan.json" ]; then set -- "$@" --compare "$last"; fi
npx tierlab report "$@" || echo 'There is no page of this night.' >&2
if [ -e "$last/plan.json" ]; then
  echo
  echo "Since $(basename "$(dirname "$(readlink -f "$last")")"):"
  status=0
  npx tierlab compare "$last" "$out" || status=$?
fi
exit "$status"
