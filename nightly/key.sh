#!/bin/sh
# Names what a night judges of a kernel, by content: the kernel, tierlab and its scenarios, and QEMU. Equal keys, equal runs.
# Usage: nightly/key.sh KERNEL   (SCENARIOS in the environment, as for shard.sh)
set -eu
cd "$(dirname "$0")/.."
image=$(npx tierlab kernels path "$1")
if suite=$(git rev-parse 'HEAD^{tree}' 2>/dev/null) && [ -z "$(git status --porcelain)" ]; then :; else
  # Not a commit: the files as they are.
  suite=$(find bin harness guest kernels scenarios package.json -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
fi
{
  sha256sum <"$image"
  echo "$suite ${SCENARIOS-}"
  qemu-system-x86_64 --version | head -1
} | sha256sum | cut -c1-40
