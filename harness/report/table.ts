import { dirname } from 'node:path'
import type { RunResult } from '../run/events.ts'
import { isExpected } from '../run/verdict.ts'
import type { Style } from './style.ts'
import { padEnd, printable, truncate, widthOf } from './width.ts'

/** With less room than this for names, kernels are numbered and named below the table. */
const LEAST_NAME = 30

/** Scenario × kernel, one verdict in each field, in the order in which they were run; a heading for each folder. */
export function verdictTable(results: readonly RunResult[], style: Style, columns: number): string[] {
  const kernels = unique(results.map(({ cell }) => cell.kernel.name))
  const rows = unique(results.map(({ cell }) => `${cell.file}\0${cell.scenario.name}`))
  // What was repeated shows what went wrong, if anything did.
  const order = results.toSorted((a, b) => Number(!isExpected(a.verdict)) - Number(!isExpected(b.verdict)))
  const verdicts = new Map(order.map((result) => [fieldKey(result), result.verdict.verdict]))
  const full = kernels.reduce((sum, kernel) => sum + 2 + Math.max(6, widthOf(kernel)), 0)
  const numbered = columns - full < LEAST_NAME && kernels.some((kernel) => widthOf(kernel) > 6)
  const heads = kernels.map((kernel, index) => (numbered ? `[${index + 1}]` : kernel))
  const widths = heads.map((head) => Math.max(6, widthOf(head)))
  const room = columns - 1 - widths.reduce((sum, width) => sum + 2 + width, 0)
  const names = rows.map((row) => `  ${printable(row.split('\0')[1] ?? '')}`)
  const folders = rows.map((row) => dirname(row.split('\0')[0] ?? ''))
  const first = Math.max(10, Math.min(room, Math.max(0, ...[...names, ...folders].map(widthOf))))
  const lines = [`${' '.repeat(first)}${heads.map((head, at) => `  ${padEnd(head, widths[at] ?? 0)}`).join('')}`]
  for (const [index, row] of rows.entries()) {
    const folder = folders[index] ?? ''
    if (folder !== folders[index - 1]) lines.push(style.bold(truncate(folder, columns - 1)))
    const fields = kernels.map((kernel, at) => {
      const verdict = verdicts.get(`${row}\0${kernel}`)
      const text = padEnd(verdict ?? '–', widths[at] ?? 0)
      return `  ${verdict === undefined ? style.dim(text) : style.verdict(verdict, text)}`
    })
    lines.push(`${padEnd(truncate(names[index] ?? '', first), first)}${fields.join('')}`)
  }
  const legend = numbered ? kernels.map((kernel, index) => style.dim(`[${index + 1}] ${kernel}`)) : []
  return [...lines, ...legend].map((line) => line.trimEnd())
}

function fieldKey({ cell }: RunResult): string {
  return `${cell.file}\0${cell.scenario.name}\0${cell.kernel.name}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
