import type { RunResult } from './events.ts'
import { isExpected, type VerdictName } from './verdict.ts'

/** What became of a scenario on a kernel since an earlier run. */
export type Fate = 'new failure' | 'still failing' | 'flaky' | 'could not tell' | 'fixed' | 'as it was'

export interface Since {
  readonly fate: Fate
  readonly scenario: string
  readonly kernel: string
  readonly before: readonly VerdictName[]
  readonly after: readonly VerdictName[]
}

/**
 * Each scenario on each kernel of now, against then. A kernel is the same when it was asked for by the same word: an
 * update of `debian:6.12` is what a night is for. A failure is new unless it failed then, all of its repetitions; what
 * goes both ways now is `flaky`, and new as well if it never failed then. Skips are no runs.
 */
export function since(now: readonly RunResult[], then: readonly RunResult[]): Since[] {
  const before = byCell(then)
  return [...byCell(now)].map(([key, results]) => {
    const [first] = results
    const earlier = before.get(key) ?? []
    return {
      fate: fateOf(results, earlier),
      ...{ scenario: first?.cell.scenario.name ?? '', kernel: first?.cell.kernel.name ?? '' },
      ...{ before: verdictsOf(earlier), after: verdictsOf(results) },
    }
  })
}

function fateOf(now: readonly RunResult[], then: readonly RunResult[]): Fate {
  const told = now.filter(({ verdict }) => verdict.verdict !== 'broken')
  const failed = told.filter(({ verdict }) => !isExpected(verdict)).length
  const failedThen = then.some(({ verdict }) => !isExpected(verdict) && verdict.verdict !== 'broken')
  if (failed > 0 && !failedThen) return 'new failure'
  if (told.length < now.length) return 'could not tell'
  if (failed > 0) return failed < told.length ? 'flaky' : 'still failing'
  return failedThen ? 'fixed' : 'as it was'
}

function byCell(results: readonly RunResult[]): Map<string, RunResult[]> {
  const cells = new Map<string, RunResult[]>()
  for (const result of results) {
    if (result.verdict.verdict === 'skip') continue
    const { scenario, kernel } = result.cell
    const key = `${scenario.name}\0${kernel.spec}`
    cells.set(key, [...(cells.get(key) ?? []), result])
  }
  return cells
}

function verdictsOf(results: readonly RunResult[]): VerdictName[] {
  return [...new Set(results.map(({ verdict }) => verdict.verdict))]
}
