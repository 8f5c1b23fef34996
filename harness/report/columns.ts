import { padEnd, widthOf } from './width.ts'

/** Wider fields (paths) stand out of line, each alone. */
const WIDEST = 40

/** Rows of fields as lines with aligned columns, those of the given numbers at their right edge. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, (_, at) =>
    Math.max(0, ...rows.map((row) => widthOf(row[at] ?? '')).filter((width) => width <= WIDEST)),
  )
  const field = (text: string, at: number) => {
    const width = widths[at] ?? 0
    return right.includes(at) ? `${' '.repeat(Math.max(0, width - widthOf(text)))}${text}` : padEnd(text, width)
  }
  return rows.map((row) => `${row.map(field).join('  ').trimEnd()}\n`).join('')
}
