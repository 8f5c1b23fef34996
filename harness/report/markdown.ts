import { dirname } from 'node:path'
import { type Event, inPlanOrder, type RunResult, type Subject } from '../run/events.ts'
import type { Sink } from './sink.ts'

/** The matrix scenario × kernel as a table of GitHub's Markdown, for a page or a mail. Written at the end. */
export class MarkdownReport {
  readonly #sink: Sink
  readonly #results: RunResult[] = []
  #cells: readonly Subject[] = []

  constructor(sink: Sink) {
    this.#sink = sink
  }

  event(event: Event): void {
    if (event.type === 'plan') this.#cells = event.cells
    if (event.type === 'end') this.#results.push(event.result)
  }

  close(): void {
    this.#sink.write(markdownTable(inPlanOrder(this.#results, this.#cells)))
  }
}

/** A scenario that makes no claim about a kernel has a dash there. */
export function markdownTable(results: readonly RunResult[]): string {
  const kernels = [...new Set(results.map(({ cell }) => cell.kernel.name))]
  const files = [...new Set(results.map(({ cell }) => cell.file))]
  const field = (file: string, kernel: string) => {
    const here = results.filter(({ cell }) => cell.file === file && cell.kernel.name === kernel)
    const made = here.map(({ verdict }) => verdict.verdict).filter((verdict) => verdict !== 'skip')
    return made.length === 0 ? '–' : [...new Set(made)].join(', ')
  }
  const name = (file: string) => results.find(({ cell }) => cell.file === file)?.cell.scenario.name ?? file
  const rows = files.map((file) => [folderOf(file), name(file), ...kernels.map((kernel) => field(file, kernel))])
  const head = ['', 'scenario', ...kernels.map((kernel) => kernel.replace(/^debian:/, ''))]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |\n`).join('')
}

function folderOf(file: string): string {
  return dirname(file).split('/').at(-1) ?? ''
}

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
}
