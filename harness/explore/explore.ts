import fc from 'fast-check'
import type { Kernel } from '../../kernels/index.ts'
import { UsageError } from '../base/errors.ts'
import type { Judge } from '../campaign/judging.ts'
import { type Era, eraOf } from '../model/eras.ts'
import type { RunResult } from '../run/events.ts'
import type { LoadedScenario } from '../run/plan.ts'
import { isFailure, type Verdict } from '../run/verdict.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { asScenario, rangeOf } from './as-scenario.ts'
import { type Composed, compose, retake, type Taken } from './compose.ts'
import type { Coverage } from './coverage.ts'
import type { Setup } from './machine-cuts.ts'
import { machineOf } from './machines.ts'
import { shrink } from './shrink.ts'
import { signatureOf } from './signature.ts'
import { formatToken } from './token.ts'

export interface Exploration {
  readonly kernels: readonly Kernel[]
  /** The model’s era; that of each kernel’s version when left out. */
  readonly era?: Era | undefined
  readonly seed: number
  /** Steps of a run. */
  readonly steps: number
  /** Whether one goes on, after so many runs. */
  readonly goesOn: (runs: number) => boolean
  /** Every run on this machine; random machines when left out. */
  readonly machine?: MachineSpec | undefined
  readonly coverage: (era: Era) => Coverage
  /** No failure of a signature already found is looked into again. Ends behind the first when 1. */
  readonly most_findings?: number
  readonly budget: { readonly runs: number; readonly boots: number }
  readonly judging: Judge
  readonly tell: (event: ExploreEvent) => void
}

export interface Finding extends Setup {
  readonly kernel: Kernel
  readonly era: Era
  readonly token: string
  readonly signature: string
  readonly verdict: Verdict
  readonly taken: readonly Taken[]
  /** The run of the smallest setup, or of the whole one where it did not fail again. */
  readonly result: RunResult
  /** The number of the run that found it, from 1 on, and how many runs and boots it took to shrink. */
  readonly found_by: number
  readonly shrink_runs: number
  readonly shrink_boots: number
  /** False when the run that was made again did not fail the same way. */
  readonly repeats: boolean
  readonly steps_before: number
}

export type ExploreEvent =
  | {
      readonly type: 'batch'
      readonly kernel: Kernel
      readonly results: readonly RunResult[]
      readonly tally: Tally
      /** By the file of a result: what it was the first or the second to meet, and within how many steps. */
      readonly news: ReadonlyMap<string, { readonly names: readonly string[]; readonly steps: number }>
    }
  | { readonly type: 'again'; readonly signature: string; readonly result: RunResult }
  | { readonly type: 'found'; readonly finding: Finding }

/** What the runs came to. */
export interface Tally {
  readonly runs: number
  readonly steps: number
  readonly known: number
  readonly failed: number
  readonly broken: number
}

/** Runs of one machine: they are restored from one checkpoint, which costs a boot. */
const PER_MACHINE = 12

/** Machines of a batch, their runs in turn: a boot keeps one core busy, and no run of its machine begins before its end. */
const MACHINES = 2

interface Composition extends Setup {
  readonly token: string
  readonly taken: readonly Taken[]
  readonly loaded: LoadedScenario
  readonly news: Composed['news']
}

/** Composes runs and judges them, two machines at a time, one kernel after the other, until it is to end. */
export async function explore(exploration: Exploration): Promise<Tally> {
  const { kernels, judging, tell, coverage } = exploration
  const { signal } = judging.conditions
  let tally: Tally = { runs: 0, steps: 0, known: 0, failed: 0, broken: 0 }
  const signatures = new Set<string>()
  let machines = 0
  for (let batch = 0; exploration.goesOn(tally.runs) && !signal.aborted; batch += 1) {
    const kernel = kernels[batch % kernels.length]
    if (kernel === undefined) break
    const era = exploration.era ?? eraOf(kernel.version)
    const composed: Composition[][] = []
    do {
      composed.push(compositions(exploration, kernel, machines, coverage(era)))
      machines += 1
    } while (composed.length < MACHINES && exploration.goesOn(tally.runs + composed.length * PER_MACHINE))
    const runs = inTurn(composed)
    const results = await judging.run(
      kernel,
      runs.map(({ loaded }) => loaded),
      { bail: false },
    )
    const [first] = results
    if (first && results.every(({ verdict }) => verdict.verdict === 'skip'))
      throw new UsageError(`Nothing can be explored on ${kernel.name}: ${first.verdict.reason}.`)
    const before = tally.runs
    tally = results.reduce(counted, tally)
    const news = new Map(runs.map((run) => [run.loaded.file, run.news]))
    tell({ type: 'batch', kernel, results, tally, news })
    for (const [index, result] of results.entries()) {
      const run = runs.find(({ loaded }) => loaded.file === result.cell.file)
      if (run === undefined || !isFailure(result.verdict) || signal.aborted) continue
      const signature = signatureOf(result.verdict)
      if (signatures.has(`${kernel.name} ${signature}`)) {
        tell({ type: 'again', signature, result })
        continue
      }
      signatures.add(`${kernel.name} ${signature}`)
      const finding = await lookInto({ run, result, signature, kernel, era, found_by: before + index + 1 }, exploration)
      tell({ type: 'found', finding })
      if (signatures.size >= (exploration.most_findings ?? Number.POSITIVE_INFINITY)) return tally
    }
  }
  return tally
}

function counted(tally: Tally, { verdict, cell }: RunResult): Tally {
  const one = (holds: boolean) => (holds ? 1 : 0)
  return {
    runs: tally.runs + one(verdict.verdict !== 'skip'),
    steps: tally.steps + (verdict.verdict === 'skip' ? 0 : (verdict.step ?? cell.scenario.steps.length)),
    known: tally.known + one(verdict.verdict === 'known'),
    failed: tally.failed + one(isFailure(verdict)),
    broken: tally.broken + one(verdict.verdict === 'broken'),
  }
}

/** The first of each, the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}

/** The runs of one machine: they depend on the seed, the era, and where the model has been. */
function compositions(exploration: Exploration, kernel: Kernel, which: number, coverage: Coverage): Composition[] {
  const era = exploration.era ?? eraOf(kernel.version)
  const seeds = fc.sample(fc.noBias(fc.nat({ max: 2 ** 31 - 1 })), {
    seed: exploration.seed + which,
    numRuns: PER_MACHINE + 1,
  })
  const [number = 0, ...own] = seeds
  const machine = exploration.machine ?? machineOf(number)
  return own.map((seed) => {
    const { taken, choices, news } = compose(machine, era, { seed, steps: exploration.steps, coverage })
    const token = formatToken({ era: era.name, machine: number, choices })
    const scenario = asScenario(`explored ${token}`, { machine }, taken, rangeOf(era, kernel.version))
    return { machine, steps: taken.map(({ step }) => step), token, taken, news, loaded: { scenario, file: token } }
  })
}

interface Lead {
  readonly run: Composition
  readonly result: RunResult
  readonly signature: string
  readonly kernel: Kernel
  readonly era: Era
  readonly found_by: number
}

/** Makes the failing run again, and if it fails the same way, smaller and smaller. */
async function lookInto(lead: Lead, { judging, budget }: Exploration): Promise<Finding> {
  const { run, result, signature, kernel, era, found_by } = lead
  let last = result
  let number = 0
  const fails = async (setups: readonly Setup[]) => {
    const loaded = setups.map((setup): LoadedScenario => {
      const taken = retake(setup.machine, era, setup.steps) ?? []
      number += 1
      const file = `${run.token} cut ${number}`
      return { scenario: asScenario(`explored ${file}`, setup, taken, rangeOf(era, kernel.version)), file }
    })
    const results = await judging.run(kernel, loaded, { bail: false })
    const same = loaded.map(({ file }) =>
      results.find(({ cell, verdict }) => cell.file === file && signatureOf(verdict) === signature),
    )
    last = same.find((found) => found !== undefined) ?? last
    return same.map((found) => found?.verdict.step ?? null)
  }
  const whole: Setup = { machine: run.machine, steps: run.steps.slice(0, result.verdict.step ?? run.steps.length) }
  const [again] = await fails([whole])
  const smallest =
    again === null || again === undefined
      ? { ...whole, runs: 1, boots: 0 }
      : await shrink({ ...whole, steps: whole.steps.slice(0, again) }, { era, fails, budget })
  return {
    ...{ machine: smallest.machine, steps: smallest.steps, kernel, era, token: run.token, signature, found_by },
    verdict: last.verdict,
    result: last,
    taken: retake(smallest.machine, era, smallest.steps) ?? run.taken,
    ...{ shrink_runs: smallest.runs, shrink_boots: smallest.boots },
    repeats: again !== null && again !== undefined,
    steps_before: run.steps.length,
  }
}
