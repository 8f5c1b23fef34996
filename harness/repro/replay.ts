import { UsageError } from '../base/errors.ts'
import type { Difference } from '../compare/expectation.ts'
import { namesIn } from '../compare/names.ts'
import { eraNamed } from '../model/eras.ts'
import type { RunRecord, StepRecord } from '../run/record.ts'
import { type Chapter, tell } from '../run/story.ts'
import { judge, type Verdict } from '../run/verdict.ts'
import { isReboot } from '../steps/guest.ts'
import { faces } from '../steps/step.ts'
import type { DeviceNames } from '../topology/device-names.ts'

/** A recorded run, up to the step at which it went wrong, as plain commands. */
export interface Replay {
  readonly record: RunRecord
  readonly verdict: Verdict
  readonly steps: readonly ReplayStep[]
  /** Where a shell variable has the number of a region: by variable, the region's address. */
  readonly regions: ReadonlyMap<string, number>
  /** Differences that a look at one file shows; the rest needs more than a shell. */
  readonly plain: readonly Difference[]
}

export interface ReplayStep {
  readonly chapter: Chapter
  /** As it was run. */
  readonly literal: string
  /** With variables for the numbers of regions, where the shell takes them. */
  readonly script: string
  /** Typed into QEMU's monitor, not into the guest. */
  readonly monitor: string | null
  /** Undefined for the step during which the guest was lost. */
  readonly recorded: StepRecord | undefined
}

/** Throws UsageError for a run that went as it must, and for one that no plain script can repeat. */
export function replayOf(record: RunRecord, where: string): Replay {
  const verdict = judge(record)
  if (verdict.verdict === 'pass') throw new UsageError(`The run ${where} has passed: there is nothing to reproduce.`)
  if (verdict.verdict === 'broken' || verdict.step === null)
    throw new UsageError(`The run ${where} tells nothing of the kernel: ${verdict.reason}`)
  const regions = new Map<string, number>()
  const told = tell(record.head.scenario, eraNamed(record.head.era)).slice(1, verdict.step + 1)
  if (told.some(({ step }) => step !== null && isReboot(step)))
    throw new UsageError(
      `The run ${where} boots its guest again on the way, which a script inside of the guest cannot.`,
    )
  const steps = told.map((chapter): ReplayStep => {
    const before = record.steps[chapter.index - 1]
    const names = namesIn(chapter.before, { files: before?.files ?? {}, messages: [] })
    for (const { key, bus, region } of chapter.before.devices) {
      const number = bus === 'nd' ? numberOf(names.get(key)) : undefined
      if (number !== undefined) regions.set(variableOf(number), region.start)
    }
    const literal = scriptOf(chapter, names, (name) => name)
    const looked = scriptOf(chapter, names, (name) => withVariables(name, regions))
    const monitor = chapter.step && faces(chapter.step).monitor({ world: chapter.before })
    return {
      ...{ chapter, literal, recorded: record.steps[chapter.index], monitor: monitor?.line ?? null },
      // Between single quotes a shell takes no variable.
      script: literal.includes("'") ? literal : looked,
    }
  })
  const files = record.steps[verdict.step]?.files ?? {}
  const plain = verdict.differences.filter(({ path, observed }) => {
    // Only parts of these are in a record.
    if (/\/(vmstat|meminfo|numa_maps|memory\.numa_stat)$/.test(path)) return false
    return path.startsWith('/') && (files[path] ?? '(absent)') === observed
  })
  return { record, verdict, steps, regions, plain }
}

/** With the variables of the regions that are known, for a shell's double quotes. */
export function withVariables(text: string, regions: ReadonlyMap<string, number>): string {
  return text.replaceAll(/\b(region|namespace|dax)(\d+)(?=[./]|$)/g, (all, kind, number) =>
    regions.has(variableOf(number)) ? `${kind}$${variableOf(number)}` : all,
  )
}

function scriptOf(
  { step, before }: Chapter,
  names: ReadonlyMap<string, DeviceNames>,
  write: (name: string) => string,
): string {
  if (step === null) return ''
  return faces(step).script({
    world: before,
    names(device) {
      const own = names.get(device)
      const { region, namespace, dax } = own ?? { region: 'region?', namespace: 'namespace?.0', dax: 'dax?.0' }
      return { region: write(region), namespace: write(namespace), dax: write(dax) }
    },
  })
}

function variableOf(number: string): string {
  return `r${number}`
}

function numberOf(names: DeviceNames | undefined): string | undefined {
  return /^region(\d+)$/.exec(names?.region ?? '')?.[1]
}
