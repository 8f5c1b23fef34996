import { shellLine, shellWord, shellWords } from '../base/shell-words.ts'
import type { Replay } from './replay.ts'
import { SAYS } from './steps-script.ts'

/** How the kernel and the guest's files are called in a bundle. */
export const KERNEL = 'kernel'
export const INITRAMFS = 'initramfs.cpio'

/** The first process of a bundle's guest: what tierlab's own does, and then steps.sh instead of an agent. */
export function initScript(modules: readonly string[]): string {
  return `#!/bin/sh
# The guest's first process: makes it ready, runs steps.sh, and turns the power off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ TERM=dumb LC_ALL=C
exec </dev/console >/dev/console 2>&1
mount -a
mount -a -T /etc/fstab.optional 2>/dev/null
modprobe -a ${shellLine(['virtio_pci', 'nfit', 'nd_pmem', 'dax_pmem', 'device_dax', ...modules])} 2>/dev/null
# Regions and namespaces are registered asynchronously; this read returns when all of them are.
for bus in /sys/class/nd/ndctl*; do
  [ -e "$bus/device/wait_probe" ] && read -r _ <"$bus/device/wait_probe"
done
head -c 1 /dev/random >/dev/null
sh /repro/steps.sh
poweroff -f
`
}

/**
 * run.sh: QEMU's command line as it was recorded, the names of kernel and initramfs apart, and what becomes of it. It puts
 * steps.sh into the initramfs each time, so that one can change it and run it again.
 */
export function runScript(replay: Replay): string {
  const { verdict, record } = replay
  return `#!/bin/sh
# Boots the guest, runs steps.sh in it, and says whether the same went wrong again.
# Needs qemu-system-x86_64 and an ordinary shell. KERNEL=FILE boots another kernel, LIMIT=SECONDS gives it another time.
# Exit status: 0 not reproduced, 1 reproduced, 2 could not tell.
cd "$(dirname "$0")" || exit 2
command -v qemu-system-x86_64 >/dev/null || { echo 'run.sh: qemu-system-x86_64 is not on the path' >&2; exit 2; }
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

zeros() { head -c "$1" /dev/zero; }
# One member of an initramfs, in cpio's format “newc”: header, name and content, each padded to 4 bytes.
member() { # NAME MODE FILE
  size=$(($(wc -c <"$3")))
  length=$((\${#1} + 1))
  # shellcheck disable=SC2046  # numbers
  printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\\0' \\
    1 "$2" 0 0 1 0 "$size" 0 0 0 0 "$length" 0 "$1"
  zeros $(((4 - (110 + length) % 4) % 4))
  cat "$3"
  zeros $(((4 - size % 4) % 4))
}
{
  cat ${INITRAMFS}
  member repro/steps.sh 33188 steps.sh
  member TRAILER!!! 0 /dev/null
} >"$folder/initramfs" || exit 2

# As it was recorded, on ${record.head.qemu}.
{
  timeout "\${LIMIT:-300}" ${qemuLine(record.head.command_line)}
  echo "run.sh: QEMU's exit status $?"
} 2>&1 | tr -d '\\r' | tee console.log

${outcomeText(verdict)}`
}

/** The recorded line, with this bundle's files, and the word that makes the kernel begin with our first process. */
function qemuLine(line: string): string {
  const words = shellWords(line)
  const replace: Readonly<Record<string, (word: string) => string>> = {
    '-kernel': () => `"\${KERNEL:-${KERNEL}}"`,
    '-initrd': () => '"$folder/initramfs"',
    '-append': (word) => shellWord(`${word} rdinit=/repro/init`),
  }
  const written = words.map((word, index) => (replace[words[index - 1] ?? ''] ?? shellWord)(word))
  // An option and its value on a line of their own.
  return written.reduce((text, word, index) => {
    if (index === 0) return word
    return /^-[a-z]/.test(words[index] ?? '') ? `${text} \\\n    ${word}` : `${text} ${word}`
  }, '')
}

function outcomeText({ verdict, excerpt, reason }: Replay['verdict']): string {
  if (excerpt.length > 0) {
    return `# What the kernel said, numbers apart: ${oneLine(excerpt.find(isTelling) ?? reason)}
if grep -q ${shellWord(patternOf(excerpt.find(isTelling) ?? ''))} console.log; then
  echo 'run.sh: REPRODUCED'
  exit 1
fi
grep -q '${SAYS} end' console.log || exit 2
echo 'run.sh: NOT REPRODUCED'
`
  }
  if (verdict === 'hang') {
    return `if grep -q '${SAYS} end' console.log; then
  echo 'run.sh: NOT REPRODUCED'
  exit 0
fi
grep -q '${SAYS} step' console.log || exit 2
echo 'run.sh: REPRODUCED: it did not come to its end'
exit 1
`
  }
  return `# steps.sh has said it.
if grep -q '${SAYS} REPRODUCED' console.log; then exit 1; fi
if grep -q '${SAYS} NOT REPRODUCED' console.log; then exit 0; fi
exit 2
`
}

function isTelling(line: string): boolean {
  return !line.includes('cut here') && line.trim() !== ''
}

/** A basic regular expression of the line, in which numbers may be others. */
export function patternOf(line: string): string {
  return line.replaceAll(/0x[0-9a-f]+|[0-9]+|[\\.*[\]^$]/g, (found) => {
    if (found.startsWith('0x')) return '0x[0-9a-f]*'
    return /^[0-9]/.test(found) ? '[0-9]*' : `\\${found}`
  })
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
