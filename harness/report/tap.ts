import type { Event, RunResult, Subject } from '../run/events.ts'
import type { Sink } from './sink.ts'
import { printable } from './width.ts'

/**
 * TAP version 14, a test point for each run, with YAML diagnostics. Source: https://testanything.org/tap-version-14-specification.html.
 */
export class TapReport {
  readonly #sink: Sink
  #cells: readonly Subject[] | null = null
  /** Points by their place in the plan: their numbers and their order do not depend on which run ends first. */
  readonly #results = new Map<number, RunResult>()
  #written = 0
  #stopped = false

  constructor(sink: Sink) {
    this.#sink = sink
    sink.write('TAP version 14\n')
  }

  event(event: Event): void {
    switch (event.type) {
      case 'plan':
        this.#cells = event.cells
        this.#sink.write(`1..${event.cells.length}\n`)
        break
      case 'end':
        this.#results.set(this.#cells?.indexOf(event.result.cell) ?? 0, event.result)
        for (let next = this.#results.get(this.#written); next; next = this.#results.get(this.#written))
          this.#write(next)
        break
      case 'stop':
        this.#writeRest()
        this.#bailOut(event.sentence)
        break
      case 'note':
      case 'begin':
      case 'waiting':
      case 'finish':
        break
    }
  }

  close(): void {
    if (this.#cells === null) {
      this.#bailOut('no run was planned')
      return
    }
    this.#writeRest()
    const missing = this.#cells.length - this.#results.size
    if (missing > 0) this.#bailOut(`${missing} runs were not made`)
  }

  #write(result: RunResult): void {
    this.#written += 1
    this.#sink.write(testPoint(this.#written, result))
  }

  /** Points that waited for one before them, which will not come. Nothing counts after a bail-out. */
  #writeRest(): void {
    if (this.#stopped) return
    for (const [index, result] of [...this.#results].sort(([a], [b]) => a - b))
      if (index >= this.#written) this.#sink.write(testPoint(index + 1, result))
    this.#written = Number.POSITIVE_INFINITY
  }

  #bailOut(reason: string): void {
    if (!this.#stopped) this.#sink.write(`Bail out! ${oneLine(reason)}\n`)
    this.#stopped = true
  }
}

function testPoint(number: number, { cell, verdict, timings_ms, record, accel, start }: RunResult): string {
  const ok = verdict.verdict === 'pass' || verdict.verdict === 'skip' ? 'ok' : 'not ok'
  const which = cell.repetition === undefined ? '' : `, repetition ${cell.repetition}`
  const description = escapeTap(`${cell.scenario.name} on ${cell.kernel.name}${which}`)
  if (verdict.verdict === 'skip') return `ok ${number} - ${description} # SKIP ${escapeTap(verdict.reason)}\n`
  const todo = verdict.verdict === 'known' ? ` # TODO known issue ${escapeTap(verdict.reason)}` : ''
  const diagnostics = {
    verdict: verdict.verdict,
    ...(verdict.reason !== '' && { reason: verdict.reason }),
    ...(verdict.step !== null && { step: verdict.step }),
    ...(verdict.differences.length > 0 && { differences: verdict.differences }),
    ...(verdict.excerpt.length > 0 && { excerpt: verdict.excerpt }),
    file: cell.file,
    release: cell.kernel.release,
    accel: accel.name,
    start,
    duration_ms: timings_ms.total,
    ...(record !== null && { record }),
  }
  return `${ok} ${number} - ${description}${todo}\n${yamlBlock(diagnostics)}`
}

/**
 * JSON is YAML: each value is written as JSON, so that nothing a kernel says can break the document, and what YAML does
 * not take as it is as an escape. Source: YAML 1.2.2, productions 1 (c-printable) and 3 (c-byte-order-mark).
 */
function yamlBlock(values: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(values).flatMap(([name, value]) =>
    Array.isArray(value)
      ? [`  ${name}:`, ...value.map((item) => `    - ${yaml(item)}`)]
      : [`  ${name}: ${yaml(value)}`],
  )
  return `  ---\n${lines.join('\n')}\n  ...\n`
}

function yaml(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Source: TAP 14, “Escaping”. */
function escapeTap(text: string): string {
  return oneLine(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#')
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}
