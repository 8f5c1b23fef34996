#!/bin/sh
# Does what README.md tells a new user to do, in a fresh clone with an empty home and an empty cache, and writes how long
# each command took into the table of docs/first-hour.md. The host's packages must be installed already: they want root.
# Usage: scripts/first-hour.sh
# Environment: KERNEL (default: debian, as README.md has it)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
export HOME="$new/home" XDG_CACHE_HOME="$new/home/.cache"
unset TIERLAB_CACHE_SIZE npm_config_cache
mkdir "$HOME"
cd "$new"
table="$new/table"
total=0

# Types a line, and notes its seconds and its last line.
type_line() {
  echo "\$ $1"
  began=$(date +%s%N)
  status=0
  sh -c "$1" >"$new/said" 2>&1 || status=$?
  took=$(( ($(date +%s%N) - began + 50000000) / 100000000 ))
  tail -n 3 "$new/said"
  if [ "$status" != 0 ]; then
    cat "$new/said"
    echo "first-hour: “$1” ended with $status." >&2
    exit 1
  fi
  total=$((total + took))
  echo "| \`$2\` | $((took / 10)).$((took % 10)) | $((total / 10)).$((total % 10)) | $3 |" >>"$table"
}

type_line "git clone --quiet 'file://$root' tierlab" 'git clone URL tierlab' 'from this machine’s own disk'
cd tierlab
type_line 'npm ci' 'npm ci' 'an empty npm cache'
type_line 'npx tierlab doctor' 'npx tierlab doctor' 'what is missing'
one=scenarios/kmem/dax-memory-lands-in-the-default-dax-tier.ts
type_line "npx tierlab explain $one" "npx tierlab explain $one" 'what must happen, without a guest'
type_line "npx tierlab run $one" "npx tierlab run $one" '**the first green run**: fetches the kernel and the guest’s packages, and boots'
type_line 'npx tierlab init my-tests' 'npx tierlab init my-tests' 'a scenario of one’s own'
type_line 'npx tierlab run my-tests/my.scenario.ts' 'npx tierlab run my-tests/my.scenario.ts' '**the first own scenario**'
type_line 'npx tierlab run my-tests/my.scenario.ts' 'npx tierlab run my-tests/my.scenario.ts' 'once more: restored, not booted'
type_line 'npx tierlab run' 'npx tierlab run' "all scenarios: $(npx tierlab list --json | grep -c '"file"')"
type_line 'npx tierlab report runs/latest -o page' 'npx tierlab report runs/latest -o page' 'a page of them'

page="$root/docs/first-hour.md"
{
  sed '/^<!-- table/q' "$page"
  echo
  echo '| command | s | since the start | |'
  echo '| --- | ---: | ---: | --- |'
  cat "$table"
  echo
  echo "$(nproc) × $(sed -n 's/^model name\t: //p' /proc/cpuinfo | head -1), $(qemu-system-x86_64 --version | head -1), Node.js $(node --version | tr -d v), load average $(cut -d' ' -f1 /proc/loadavg) at the end."
  echo
  sed -n '/^<!-- end of table/,$p' "$page"
} >"$new/page"
cat "$new/page" >"$page"
