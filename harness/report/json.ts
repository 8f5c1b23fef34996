import { type Event, inPlanOrder, type RunResult, type Subject } from '../run/events.ts'
import { VERSION } from '../version.ts'
import type { Sink } from './sink.ts'

/** One document, written at the end. Its names are a contract: names may be added, and none may change or go. */
export class JsonReport {
  readonly #sink: Sink
  readonly #results: RunResult[] = []
  #cells: readonly Subject[] = []
  #stop: string | undefined

  constructor(sink: Sink) {
    this.#sink = sink
  }

  event(event: Event): void {
    if (event.type === 'plan') this.#cells = event.cells
    if (event.type === 'end') this.#results.push(event.result)
    if (event.type === 'stop') this.#stop = event.sentence
  }

  close(): void {
    const document = {
      tierlab: VERSION,
      runs: inPlanOrder(this.#results, this.#cells).map(jsonRun),
      ...(this.#stop !== undefined && { stopped: this.#stop }),
    }
    this.#sink.write(`${JSON.stringify(document, null, 2)}\n`)
  }
}

function jsonRun({ cell, accel, start, fallback, verdict, timings_ms, record, command_line }: RunResult) {
  return {
    scenario: cell.scenario.name,
    file: cell.file,
    kernel: cell.kernel.name,
    release: cell.kernel.release,
    ...(cell.repetition !== undefined && { repetition: cell.repetition }),
    era: cell.era.name,
    accel: { name: accel.name, reason: accel.reason },
    start,
    fallback,
    verdict: verdict.verdict,
    reason: verdict.reason,
    step: verdict.step,
    differences: verdict.differences.map(({ path, expected, observed, rule }) => ({ path, expected, observed, rule })),
    excerpt: verdict.excerpt,
    timings_ms: {
      start: timings_ms.start,
      steps: timings_ms.steps,
      observe: timings_ms.observe,
      total: timings_ms.total,
    },
    record,
    command_line,
  }
}
