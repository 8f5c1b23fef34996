import { type Event, inPlanOrder, type RunResult, type Subject } from '../run/events.ts'
import type { Report } from './report.ts'
import type { Sink } from './sink.ts'

/** All that a run has told, once it is over. */
export interface Told {
  /** In the order of the plan. What was planned and not made has no result. */
  readonly runs: readonly Planned[]
  /** Why some were not made, or none was even planned. */
  readonly unmade: string
}

export interface Planned {
  readonly cell: Subject
  readonly result: RunResult | undefined
}

/** A report that is written once, at the end. */
export function whenOver(sink: Sink, text: (told: Told) => string): Report {
  const results: RunResult[] = []
  let cells: readonly Subject[] = []
  let stop: string | undefined
  return {
    event(event: Event) {
      if (event.type === 'plan') cells = event.cells
      if (event.type === 'end') results.push(event.result)
      if (event.type === 'stop') stop = event.sentence
    },
    close() {
      const made = new Map(inPlanOrder(results, cells).map((result) => [result.cell, result]))
      const runs = cells.map((cell) => ({ cell, result: made.get(cell) }))
      const unmade = stop ?? (cells.length === 0 ? 'No run was planned.' : 'The run ended before.')
      sink.write(text({ runs, unmade }))
    },
  }
}

/** What a run is called where each run has a name. */
export function runName({ scenario, repetition }: Subject): string {
  return repetition === undefined ? scenario.name : `${scenario.name}, repetition ${repetition}`
}

/** The runs of each kernel, kernels in the order of the plan. */
export function byKernel(runs: readonly Planned[]): [kernel: string, runs: Planned[]][] {
  const kernels = new Map<string, Planned[]>()
  for (const run of runs) {
    const { name } = run.cell.kernel
    kernels.set(name, [...(kernels.get(name) ?? []), run])
  }
  return [...kernels]
}
