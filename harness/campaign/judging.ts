import type { Kernel } from '../../kernels/index.ts'
import { HostError } from '../base/errors.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import type { Era } from '../model/eras.ts'
import type { Jobs } from '../run/budget.ts'
import type { RunResult } from '../run/events.ts'
import type { BeforeEnd } from '../run/execute.ts'
import type { LoadedScenario } from '../run/plan.ts'
import { runSuite } from '../run/suite.ts'

/** What all kernels of a campaign are judged under. */
export interface Conditions {
  readonly accel: AcceleratorWish
  readonly jobs: Jobs
  /** The folder that receives the records. */
  readonly out: string
  /** The model's era, when a kernel's version does not say it. */
  readonly era?: Era | undefined
  readonly userland?: string | undefined
  /** Known issues are excused unless this is false. */
  readonly known_issues?: boolean
  readonly signal: AbortSignal
  readonly log: (sentence: string) => void
  readonly before_end?: BeforeEnd | undefined
}

/** Who runs scenarios on a kernel, in the order given, and none after one that did not pass when `bail` is set. */
export interface Judge {
  readonly conditions: Pick<Conditions, 'signal' | 'log'>
  run(kernel: Kernel, scenarios: readonly LoadedScenario[], options: JudgeOptions): Promise<RunResult[]>
}

export interface JudgeOptions {
  readonly bail: boolean
  /** How often each run is made; once when left out. */
  readonly repeat?: number
}

/** A lab kernel is there in 3 s, so one that is not by then will not come; a loaded host has time enough. */
const BOOT_LIMIT_MS = 60_000

/** Judges in real guests. The accelerator that works for the first kernel is that of all: the trial needs seconds. */
export class Judging implements Judge {
  readonly conditions: Conditions
  #accel: AcceleratorWish
  constructor(conditions: Conditions) {
    this.conditions = conditions
    this.#accel = conditions.accel
  }

  async run(
    kernel: Kernel,
    scenarios: readonly LoadedScenario[],
    { bail, repeat = 1 }: JudgeOptions,
  ): Promise<RunResult[]> {
    const { jobs, out, era, userland, known_issues = true, signal, before_end } = this.conditions
    const results = await runSuite({
      ...{
        scenarios,
        kernels: [kernel],
        accel: this.#accel,
        out,
        bail,
        jobs,
        signal,
        repeat,
        order: 'given',
        known_issues,
        before_end,
      },
      ...(era !== undefined && { era }),
      ...(userland !== undefined && { userland }),
      boot_limit_ms: BOOT_LIMIT_MS,
      emit: (event) => {
        if (event.type === 'plan' && event.accel[0] !== undefined) this.#accel = event.accel[0].name
      },
    })
    const lost = results.find(({ record, verdict }) => record === null && verdict.verdict !== 'skip')
    if (lost) throw new HostError(`The records in ${out} cannot be kept: ${lost.verdict.reason}`)
    return results
  }
}
