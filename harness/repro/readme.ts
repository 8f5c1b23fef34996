import { printable } from '../report/width.ts'
import type { Replay, ReplayStep } from './replay.ts'

/** What a bundle is, and all that was expected and seen, for who has nothing but the bundle. */
export function readme(replay: Replay, machine: readonly string[], sizes: ReadonlyMap<string, number>): string {
  const { record, verdict, steps } = replay
  const { scenario, kernel, accel, qemu, userland } = record.head
  const programs = userland.packages.filter(({ name }) => /^(ndctl|daxctl|cxl|busybox-static)$/.test(name))
  return `${printable(scenario.name)}
${printable(scenario.why)}

  sh run.sh        boots the kernel with QEMU, runs steps.sh in it, and says whether the same went wrong again
                   (exit status 0: not reproduced, 1: reproduced, 2: could not tell); console.log has what was said
  KERNEL=bzImage sh run.sh
                   the same with another kernel; what it needs must be built in, for the modules are those of this one

Needed are qemu-system-x86_64, a shell, and coreutils. Nothing is written but console.log and a temporary folder.
steps.sh may be changed: run.sh puts it into the guest each time.

Files
${[...sizes].map(([name, bytes]) => `  ${name.padEnd(16)} ${Math.ceil(bytes / 1024)} KiB`).join('\n')}

Kernel     ${kernel.name} (${kernel.release})
QEMU       ${qemu}, ${accel.name}
Programs   ${programs.map(({ name, version }) => `${name} ${version}`).join(', ')}
Recorded   ${record.head.started_at} by tierlab ${record.head.tierlab}

Machine
${machine.map((line) => `  ${line}`).join('\n')}

What went wrong: ${verdict.verdict}, ${verdict.step === 0 ? 'at boot' : `at step ${verdict.step}`}
  ${printable(verdict.reason)}
${verdict.differences.map((one) => `\n  ${printable(one.path)}\n    expected  ${value(one.expected)}\n    recorded  ${value(one.observed)}\n    rule      ${printable(one.rule)}`).join('\n')}
${verdict.excerpt.map((line) => `  ${printable(line)}`).join('\n')}

Steps, with what the kernel showed of its memory tiers behind each
${steps.map(stepText).join('\n')}
`
}

function stepText({ chapter, literal, recorded }: ReplayStep): string {
  const { index, title, outcome } = chapter
  const tiers = Object.entries(recorded?.files ?? {}).flatMap(([path, nodes]) => {
    const [, tier] = /\/memory_tiering\/(memory_tier\d+)\/nodelist$/.exec(path) ?? []
    return tier === undefined ? [] : `${tier}: ${nodes}`
  })
  const lines = literal
    .trim()
    .split('\n')
    .map((line) => `       $ ${printable(line)}`)
  const observed =
    recorded === undefined ? 'the guest was lost' : recorded.timed_out ? 'no end' : String(recorded.status)
  return `  ${index}. ${printable(title)}
${lines.join('\n')}
       exit status: expected ${outcome.status}, recorded ${observed}
       tiers recorded: ${tiers.join(', ') || 'none'}`
}

function value(text: string): string {
  return text === '' ? '(empty)' : printable(text.replaceAll('\n', ' '))
}
