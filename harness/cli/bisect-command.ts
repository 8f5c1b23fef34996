import { join } from 'node:path'
import { lineBetween } from '../../kernels/index.ts'
import { hashOf, Store } from '../base/store.ts'
import { bisect } from '../campaign/bisect.ts'
import { culpritLines, tryLine } from '../campaign/bisect-words.ts'
import { Judging } from '../campaign/judging.ts'
import { TryLog } from '../campaign/try-log.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { eraNamed } from '../model/eras.ts'
import { styleFor } from '../report/style.ts'
import type { Jobs } from '../run/budget.ts'
import { loadScenarios } from '../run/load.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'

export interface BisectOptions {
  readonly good: string
  readonly bad: string
  readonly scenario: readonly string[]
  readonly confidence: number
  readonly accel: AcceleratorWish
  readonly era?: string
  readonly out?: string
  readonly jobs: Jobs
  readonly verbose?: boolean
}

/** `tierlab bisect`: 0 when one kernel is the first bad one, 69 when it may be one of several that cannot be judged. */
export async function bisectCommand(options: BisectOptions): Promise<number> {
  const { good, bad, confidence, era, verbose } = options
  requirePrograms(NEEDS.guest)
  const bound = cacheBound()
  const scenarios = await loadScenarios(options.scenario)
  const question = { good, bad, scenarios: scenarios.map(({ file }) => file), confidence, era: era ?? null }
  const out = options.out ?? join('runs', `bisect-${hashOf(question).slice(0, 8)}`)
  using interrupt = new Interrupt()
  const { signal } = interrupt
  const store = new Store()
  const style = styleFor(process.stdout)
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const log = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const judging = new Judging({ ...options, era: era === undefined ? undefined : eraNamed(era), out, signal, log })
  let begun = false
  const work = async (): Promise<number> => {
    const line = await lineBetween(good, bad, { store, log: verbose ? log : () => {} })
    const tries = await TryLog.open(join(out, 'bisect.json'), question)
    const steps = Math.ceil(Math.log2(Math.max(2, line.links.length - 1)))
    say(
      `${line.links.length - 1} kernels after the good one, about ${steps} to try` +
        `${tries.tries.length > 0 ? `; ${tries.tries.length} were tried before an interruption` : ''}. Records: ${out}`,
    )
    begun = true
    const culprit = await bisect({
      line,
      scenarios,
      confidence,
      judging,
      tries,
      tell: (done) => say(tryLine(done, style)),
    })
    await tries.finish()
    for (const text of await culpritLines(culprit, tries.tries, style, process.stdout.columns ?? 100)) say(text)
    return culprit.suspects.length > 0 ? EXIT.unknown : EXIT.passed
  }
  try {
    return await interrupt.during(work())
  } finally {
    const pruned = begun ? await keepWithinBound(store, bound) : undefined
    if (pruned !== undefined) log(pruned)
  }
}
