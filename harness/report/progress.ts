import type { Event, RunResult, Subject } from '../run/events.ts'
import { isExpected } from '../run/verdict.ts'
import { LiveArea } from './live-area.ts'
import type { Sink } from './sink.ts'
import type { Style } from './style.ts'
import { printable, truncate, widthOf } from './width.ts'

const TICK_MS = 200

interface Guest {
  readonly since_ms: number
  step: number
  steps: number
  what: string
}

/**
 * What goes on: on a terminal a line for each guest that moves, elsewhere nothing but a line when a run ends. Notes are
 * lines of their own in both.
 */
export class Progress {
  readonly #sink: Sink
  readonly #style: Style
  readonly #verbose: boolean
  readonly #now: () => number
  readonly #area: LiveArea | null
  readonly #guests = new Map<Subject, Guest>()
  readonly #started_ms: number
  #timer: NodeJS.Timeout | undefined
  #runs = 0
  #ended = 0
  #bad = 0
  #preparing = true

  constructor(sink: Sink, style: Style, verbose = false, now: () => number = () => performance.now()) {
    this.#sink = sink
    this.#style = style
    this.#verbose = verbose
    this.#now = now
    this.#started_ms = now()
    this.#area = sink.isTTY && process.env.TERM !== 'dumb' ? new LiveArea(sink) : null
    if (this.#area) this.#timer = setInterval(() => this.draw(), TICK_MS).unref()
  }

  event(event: Event): void {
    switch (event.type) {
      case 'note':
        this.#print(`${this.#style.dim(printable(event.sentence))}\n`)
        break
      case 'plan':
        this.#preparing = false
        this.#runs = event.cells.length
        break
      case 'begin':
        this.#guests.set(event.cell, { since_ms: this.#now(), step: 0, steps: 0, what: 'start' })
        break
      case 'waiting':
        this.#waiting(event)
        break
      case 'end':
        this.#guests.delete(event.result.cell)
        this.#end(event.result)
        return
      case 'finish':
        this.#area?.clear()
        return
      case 'stop':
        return
    }
    this.draw()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#area?.clear()
  }

  /** Redraws the moving lines, with the time that has passed. */
  draw(): void {
    const area = this.#area
    if (area === null) return
    const seconds = (since_ms: number) => `${Math.floor((this.#now() - since_ms) / 1000)} s`
    if (this.#preparing) {
      area.draw([`${seconds(this.#started_ms).padStart(7)}  preparing`])
      return
    }
    const guests = [...this.#guests].map(([cell, guest]) =>
      guestLine(cell, guest, seconds(guest.since_ms), area.columns),
    )
    const bad = this.#bad > 0 ? `, ${this.#bad} not passed` : ''
    area.draw([...guests, `${seconds(this.#started_ms).padStart(7)}  ${this.#ended} of ${this.#runs} runs done${bad}`])
  }

  #waiting({ cell, step, steps, what }: Extract<Event, { type: 'waiting' }>): void {
    const guest = this.#guests.get(cell)
    if (guest) Object.assign(guest, { step, steps, what })
    if (this.#verbose) this.#print(this.#style.dim(`${cell.kernel.name}  ${step}/${steps}  ${printable(what)}\n`))
  }

  #end(result: RunResult): void {
    const { cell, verdict, timings_ms } = result
    this.#ended += 1
    if (!isExpected(verdict)) this.#bad += 1
    const time = verdict.verdict === 'skip' ? '' : `${(timings_ms.total / 1000).toFixed(1)} s`
    const name = this.#style.verdict(verdict.verdict, verdict.verdict.padEnd(6))
    this.#print(`${name} ${time.padStart(7)}  ${cell.kernel.name}  ${printable(cell.scenario.name)}\n`)
    if (this.#verbose && result.command_line !== '') this.#print(`${this.#style.dim(result.command_line)}\n`)
  }

  #print(text: string): void {
    if (this.#area) this.#area.above(text)
    else this.#sink.write(text)
  }
}

/** The time and the step always; then what is awaited and the scenario share what is left; then the kernel. */
export function guestLine(
  cell: Subject,
  guest: Pick<Guest, 'step' | 'steps' | 'what'>,
  time: string,
  columns: number,
): string {
  const head = `${time.padStart(7)}  ${guest.step}/${guest.steps}  `
  const what = printable(guest.what)
  const name = printable(cell.scenario.name)
  const left = columns - 1 - widthOf(head) - 3
  const share = Math.max(left - widthOf(name), Math.ceil(left * 0.55))
  return `${head}${truncate(what, share)} · ${name} · ${cell.kernel.name}`
}
