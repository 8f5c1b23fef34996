#!/bin/sh
# Does what README.md tells a new user to do, in a fresh clone with an empty home and an empty cache, and writes how long
# each command took into the table of docs/first-hour.md. The host's packages must be installed already: they want root.
# Usage: scripts/first-hour.sh
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
export HOME="$new/home" XDG_CACHE_HOME="$new/home/.cache"
unset TIERLAB_CACHE_SIZE
mkdir "$HOME"
cd "$new"
table="$new/table"
total=0

# Types a line, and notes its seconds; what it says goes to $new/said, and when the first run passed to $new/pass.
type_line() {
  echo "\$ $1"
  began=$(date +%s%N)
  status=0
  { sh -c "$1" 2>&1 || echo "$?" >"$new/failed"; } | while IFS= read -r line; do
    case $line in pass*) [ -e "$new/pass" ] || date +%s%N >"$new/pass" ;; esac
    echo "$line"
  done >"$new/said"
  took=$(tenths "$began" "$(date +%s%N)")
  if [ -e "$new/failed" ]; then
    cat "$new/said"
    echo "first-hour: “$1” ended with $(cat "$new/failed")." >&2
    exit 1
  fi
  total=$((total + took))
  echo "| \`$1\` | $(seconds "$took") | $(seconds "$total") | $2 |" >>"$table"
}
tenths() { echo $((($2 - $1 + 50000000) / 100000000)); }
seconds() { echo "$(($1 / 10)).$(($1 % 10))"; }

git config --global url."file://$root/".insteadOf https://example.com/tierlab
type_line 'git clone https://example.com/tierlab' 'from this machine’s own disk'
cd tierlab
type_line 'npm ci' 'with an empty cache'
before=$total began=$(date +%s%N)
type_line 'npx tierlab run' 'ALL'
first=$((before + $(tenths "$began" "$(cat "$new/pass")")))
sed -i "s/| ALL |/| all scenarios that apply; **the first passed $(seconds "$first") s after the start** |/" "$table"
type_line 'npx tierlab init my-tests' 'a scenario of one’s own'
type_line 'npx tierlab run my-tests/my.scenario.ts' '**the first own scenario passed**'
type_line 'npx tierlab run my-tests/my.scenario.ts' 'once more'
type_line 'npx tierlab report runs/latest -o page' 'a page of it'

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
