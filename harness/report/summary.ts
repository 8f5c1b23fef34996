import { type Event, inPlanOrder, type RunResult, type Subject } from '../run/events.ts'
import type { VerdictName } from '../run/verdict.ts'
import { findingLines } from './finding.ts'
import { firstOfEach, repetitionLines } from './repetitions.ts'
import type { Sink } from './sink.ts'
import type { Style } from './style.ts'
import { verdictTable } from './table.ts'

const ORDER: readonly VerdictName[] = ['pass', 'fail', 'splat', 'crash', 'hang', 'known', 'broken', 'skip']

/** At the end: a block for each run that did not pass, the table of verdicts, and the count of each. */
export class Summary {
  readonly #sink: Sink
  readonly #style: Style
  readonly #results: RunResult[] = []
  #cells: readonly Subject[] = []
  #duration_ms: number | undefined

  constructor(sink: Sink, style: Style) {
    this.#sink = sink
    this.#style = style
  }

  event(event: Event): void {
    if (event.type === 'plan') this.#cells = event.cells
    if (event.type === 'end') this.#results.push(event.result)
    if (event.type === 'finish') this.#duration_ms = event.duration_ms
  }

  close(): void {
    if (this.#results.length === 0) return
    // Unbounded where nobody looks at a window's edge.
    const columns = this.#sink.isTTY ? this.#sink.columns || 80 : 1000
    const results = inPlanOrder(this.#results, this.#cells)
    const findings = firstOfEach(results).filter(
      ({ verdict }) => verdict.verdict !== 'pass' && verdict.verdict !== 'skip',
    )
    const repetitions = repetitionLines(results)
    const lines = [
      ...findings.flatMap((result) => ['', ...findingLines(result, this.#style, Math.min(columns, 120))]),
      ...(this.#results.length > 1 ? ['', ...verdictTable(results, this.#style, columns)] : []),
      ...(repetitions.length > 0 ? ['', ...repetitions] : []),
      ...['', this.#count()],
    ]
    this.#sink.write(`${lines.join('\n')}\n`)
  }

  #count(): string {
    const counts = ORDER.flatMap((name) => {
      const count = this.#results.filter(({ verdict }) => verdict.verdict === name).length
      return count === 0 ? [] : [this.#style.verdict(name, `${count} ${name}`)]
    })
    const left = this.#cells.length - this.#results.length
    if (left > 0) counts.push(`${left} not run`)
    const time = this.#duration_ms === undefined ? '' : ` in ${(this.#duration_ms / 1000).toFixed(1)} s`
    return `${counts.join(', ')}${time}${notRestored(this.#results)}`
  }
}

/** Guests that were booted, or restored the slower way, where a checkpoint would have been faster. */
function notRestored(results: readonly RunResult[]): string {
  const why = results.map(({ fallback }) => fallback).filter((words) => words !== '')
  const [first] = why
  if (first === undefined) return ''
  const same = why.every((words) => words === first)
  return `; ${why.length} not restored the fast way: ${same ? first.replace(/\.$/, '') : 'each record says why'}`
}
