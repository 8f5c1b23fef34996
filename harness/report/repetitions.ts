import type { RunResult } from '../run/events.ts'
import type { VerdictName } from '../run/verdict.ts'

/** The verdicts of one scenario on one kernel, over all repetitions, by how often each came. */
export interface Repeated {
  readonly scenario: string
  readonly kernel: string
  readonly counts: ReadonlyMap<VerdictName, number>
}

/** One for each scenario and kernel, in the order of the results. Skips were not made, and are left out. */
export function repeatedRuns(results: readonly RunResult[]): Repeated[] {
  const runs = new Map<string, { scenario: string; kernel: string; counts: Map<VerdictName, number> }>()
  for (const { cell, verdict } of results) {
    if (verdict.verdict === 'skip') continue
    const key = cellKey(cell)
    const run = runs.get(key) ?? { scenario: cell.scenario.name, kernel: cell.kernel.name, counts: new Map() }
    run.counts.set(verdict.verdict, (run.counts.get(verdict.verdict) ?? 0) + 1)
    runs.set(key, run)
  }
  return [...runs.values()]
}

/** What repeating has shown, in lines; none where nothing was repeated. */
export function repetitionLines(results: readonly RunResult[]): string[] {
  const times = Math.max(0, ...results.map(({ cell }) => cell.repetition ?? 0))
  if (times === 0) return []
  const runs = repeatedRuns(results)
  const changing = runs.filter(({ counts }) => counts.size > 1)
  const words = ({ counts }: Repeated) => [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
  return [
    `${runs.length} runs, each made ${times} times: ${runs.length - changing.length} had one verdict every time`,
    ...changing.map((run) => `  ${words(run)}: ${run.scenario} on ${run.kernel}`),
  ]
}

/** The first result of each verdict that a scenario had on a kernel: what all the others of it tell as well. */
export function firstOfEach(results: readonly RunResult[]): RunResult[] {
  const seen = new Set<string>()
  return results.filter(({ cell, verdict }) => {
    const key = `${cellKey(cell)}\0${verdict.verdict}`
    return !seen.has(key) && seen.add(key)
  })
}

function cellKey({ file, scenario, kernel }: RunResult['cell']): string {
  return `${file}\0${scenario.name}\0${kernel.name}`
}
