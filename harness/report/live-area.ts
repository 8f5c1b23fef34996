import type { Sink } from './sink.ts'
import { truncate, widthOf } from './width.ts'

/**
 * Lines at the bottom of a terminal that are redrawn in place. The cursor is never hidden, so that nothing needs to be
 * put right however the process ends; each line is cut to the terminal, so that none wraps.
 */
export class LiveArea {
  readonly #sink: Sink
  #shown: readonly string[] = []

  constructor(sink: Sink) {
    this.#sink = sink
  }

  draw(lines: readonly string[]): void {
    const columns = this.columns
    const cut = lines.map((line) => truncate(line, columns - 1))
    if (cut.join('\n') === this.#shown.join('\n')) return
    this.#sink.write(`${this.#erase()}${cut.join('\n')}`)
    this.#shown = cut
  }

  clear(): void {
    if (this.#shown.length === 0) return
    this.#sink.write(this.#erase())
    this.#shown = []
  }

  /** Writes text that stays, above the area. */
  above(text: string): void {
    this.clear()
    this.#sink.write(text)
  }

  /** Some terminals say 0 where they do not know. */
  get columns(): number {
    return this.#sink.columns || 80
  }

  /** A terminal that became narrower has wrapped what it shows: one line may have become several rows. */
  #erase(): string {
    if (this.#shown.length === 0) return ''
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / this.columns)), 0)
    return `${rows > 1 ? `\x1b[${rows - 1}A` : ''}\r\x1b[J`
  }
}
