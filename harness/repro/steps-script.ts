import { shellWord } from '../base/shell-words.ts'
import { printable } from '../report/width.ts'
import { type Replay, type ReplayStep, withVariables } from './replay.ts'

/** What a step's end, and the end of all, is told by on the console. */
export const SAYS = 'repro:'

/**
 * steps.sh: the plain commands, and behind the last of them a look at what differed. It says what it does in the kernel's
 * log, one record a line, so that nothing comes in between.
 */
export function stepsScript(replay: Replay): string {
  const { record, steps, verdict, regions } = replay
  const lookups = [...regions].map(([name, start]) => `${name}=$(region_at 0x${start.toString(16)})`)
  return `#!/bin/sh
# ${oneLine(record.head.scenario.name)}
# Plain commands of ndctl, daxctl and sysfs, to be run as root in the guest that run.sh boots.

say() { printf '%s\\n' "${SAYS} $*" | cut -c1-900 >/dev/kmsg; }
ended() { status=$?; say "exit status $status"; }
${
  lookups.length === 0
    ? ''
    : `
# Regions are numbered in no order, so that they are known by their address.
region_at() {
  for region in /sys/bus/nd/devices/region*; do
    [ "$(($(cat "$region/resource")))" = "$(($1))" ] && echo "\${region##*/region}"
  done
}
${lookups.join('\n')}
`
}
${steps.map((step) => stepText(step)).join('\n')}
${endText(replay, verdict.step ?? 0)}`
}

function stepText({ chapter, script, literal, monitor, recorded }: ReplayStep): string {
  const { index, title, outcome } = chapter
  const expected = outcome.status === 0 ? 'exit status 0' : `exit status ${outcome.status} (${outcome.words})`
  const observed =
    recorded === undefined
      ? 'the guest was lost'
      : recorded.timed_out
        ? 'still running at its limit'
        : `exit status ${recorded.status}`
  const head = `# ${index}. ${oneLine(title)}
#    expected: ${oneLine(expected)}
#    recorded: ${oneLine(observed)}
say ${shellWord(`step ${index}: ${oneLine(title)}`)}
`
  if (monitor !== null)
    return `${head}say ${shellWord(`type into the monitor of QEMU (Ctrl-A C), then Ctrl-A C and Enter: ${monitor}`)}
read -r _
`
  return `${head}(
${script || literal}
)
ended
`
}

function endText({ plain, verdict, steps, regions }: Replay, at: number): string {
  if (verdict.excerpt.length > 0 || verdict.verdict === 'hang') return "say 'end'\n"
  const last = steps.find(({ chapter }) => chapter.index === at)
  const answer = verdict.differences.some(({ path }) => path.startsWith('exit status of '))
  if (plain.length === 0 && !answer) return "say 'UNDECIDED: what differed cannot be seen in one file; README has it'\n"
  const checks = plain.map(
    ({ path, expected, observed }) => `# expected: ${oneLine(expected)}
# recorded: ${oneLine(observed)}
check "${withVariables(path, regions)}" ${shellWord(observed)}
`,
  )
  return `# What differed. The same again is the bug.
same=yes
check() { # PATH RECORDED
  case $1 in
    */driver) now=$(readlink "$1") now=\${now##*/} ;;
    *) now=$(cat "$1" 2>/dev/null) ;;
  esac
  [ -e "$1" ] || now='(absent)'
  say "$1: $now (recorded: $2)"
  [ "$now" = "$2" ] || same=no
}
${answer ? `[ "$status" = ${last?.recorded?.status ?? 0} ] || same=no\n` : ''}${checks.join('')}if [ $same = yes ]; then say REPRODUCED; else say 'NOT REPRODUCED'; fi
`
}

/** A comment, or a line of the log, whatever a title or a kernel says. */
function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}
