import type { Kernel, Line, Link } from '../../kernels/index.ts'
import { SourceError } from '../base/errors.ts'
import type { RunResult } from '../run/events.ts'
import type { LoadedScenario } from '../run/plan.ts'
import type { Judge } from './judging.ts'

/** What became of one patch of a series. */
export interface PatchOutcome {
  readonly link: Link
  /** The kernel's hash; undefined when there is none. */
  readonly kernel: string | undefined
  /** Its runs, in the order of the scenarios; empty when there is no kernel. */
  readonly results: readonly RunResult[]
  /** Why there is no kernel: it does not apply, or does not build, with the tool's words. */
  readonly failure: SourceError | undefined
  /** The patch whose kernel is the same byte for byte, so that its results are these. */
  readonly as: Link | undefined
  readonly build_ms: number
  readonly run_ms: number
}

export interface Series {
  readonly line: Line
  readonly scenarios: readonly LoadedScenario[]
  readonly judging: Judge
  readonly tell: (outcome: PatchOutcome) => void
}

/**
 * Builds and judges patch by patch, the base first. What does not build is told, and the next patch is built all the same;
 * behind one that does not apply there is nothing to build, and nothing is guessed.
 */
export async function judgeSeries({ line, scenarios, judging, tell }: Series): Promise<PatchOutcome[]> {
  const outcomes: PatchOutcome[] = []
  for (const link of line.links) {
    if (judging.conditions.signal.aborted) break
    const outcome = await outcomeOf(link, outcomes, scenarios, judging)
    outcomes.push(outcome)
    tell(outcome)
    if (outcome.failure?.what === 'patch') break
  }
  return outcomes
}

async function outcomeOf(
  link: Link,
  before: readonly PatchOutcome[],
  scenarios: readonly LoadedScenario[],
  judging: Judge,
): Promise<PatchOutcome> {
  const started = performance.now()
  let kernel: Kernel
  try {
    kernel = await link.kernel()
  } catch (failure) {
    if (!(failure instanceof SourceError)) throw failure
    return {
      link,
      kernel: undefined,
      results: [],
      failure,
      as: undefined,
      build_ms: performance.now() - started,
      run_ms: 0,
    }
  }
  const built = performance.now()
  const build_ms = built - started
  const twin = before.find((one) => one.kernel === kernel.hash)
  if (twin !== undefined) return { ...twin, link, as: twin.as ?? twin.link, build_ms, run_ms: 0 }
  const results = await judging.run(kernel, scenarios, { bail: false })
  const run_ms = performance.now() - built
  return { link, kernel: kernel.hash, results, failure: undefined, as: undefined, build_ms, run_ms }
}

/** A scenario whose verdict is another from some patch on. */
export interface Change {
  readonly scenario: string
  readonly file: string
  /** The first patch with the new verdict. */
  readonly at: Link
  readonly from: string
  readonly to: RunResult
}

/** Where each verdict changes, patch by patch, as far as patches were judged. */
export function changesIn(outcomes: readonly PatchOutcome[]): Change[] {
  const judged = outcomes.filter(({ results }) => results.length > 0)
  return judged.slice(1).flatMap((outcome, at) => {
    const previous = judged[at]?.results ?? []
    return outcome.results.flatMap((to) => {
      const from = previous.find(({ cell }) => cell.file === to.cell.file)?.verdict.verdict
      if (from === undefined || from === to.verdict.verdict) return []
      return [{ scenario: to.cell.scenario.name, file: to.cell.file, at: outcome.link, from, to }]
    })
  })
}
