/**
 * Runs every scenario on the newest Debian kernel of each series, and writes the table of verdicts into docs/verdicts.md,
 * and how many there are of each into README.md.
 * Usage: npm run table
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { $ } from 'zx'

export const KERNELS = ['debian:6.1', 'debian:6.12', 'debian:7']
const MARKS = ['<!-- scenarios: npm run table -->', '<!-- end of scenarios -->'] as const

/** What stands between the marks of a page. */
export async function tableIn(page: string): Promise<{ before: string; table: string; after: string }> {
  const text = await readFile(page, 'utf8')
  const [start, end] = MARKS.map((mark) => text.indexOf(mark))
  if (start === undefined || end === undefined || start < 0 || end < start)
    throw new Error(`${page} has no ${MARKS.join(' … ')}`)
  const from = start + MARKS[0].length
  return { before: text.slice(0, from), table: text.slice(from, end), after: text.slice(end) }
}

/** By kernel and folder of scenarios, how many came to each verdict; a `pass` goes without saying. */
export function summaryOf(table: string): string {
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const [[, , ...kernels] = [], , ...cells] = rows
  const folders = [
    ...new Set(cells.filter((row) => row.slice(2).some((cell) => cell !== '–')).map(([folder = '']) => folder)),
  ]
  const count = (folder: string, column: number) => {
    const verdicts = cells.filter(([name]) => name === folder).map((row) => row[column + 2] ?? '')
    const kinds = [...new Set(verdicts)].filter((verdict) => verdict !== '–' && verdict !== 'pass').toSorted()
    const of = (kind: string) => verdicts.filter((verdict) => verdict === kind).length
    return [String(of('pass')), ...kinds.map((kind) => `${of(kind)} ${kind}`)].join(', ')
  }
  const line = (first: string, rest: readonly string[]) => `| ${[first, ...rest].join(' | ')} |`
  return [
    line('', folders),
    line(
      '---',
      folders.map(() => '---'),
    ),
    ...kernels.map((kernel, column) =>
      line(
        kernel,
        folders.map((folder) => count(folder, column)),
      ),
    ),
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..')
  const page = resolve(root, 'docs/verdicts.md')
  const { before, after } = await tableIn(page)
  const kernels = KERNELS.flatMap((kernel) => ['--kernel', kernel])
  // A table that shows a failure is written too: the exit status says so.
  const { stdout, exitCode } = await $({ cwd: root, nothrow: true })`npx tierlab run ${kernels} --format markdown`
  await writeFile(page, `${before}\n\n${stdout}\n${after}`)
  const readme = resolve(root, 'README.md')
  const around = await tableIn(readme)
  await writeFile(readme, `${around.before}\n\n${summaryOf(stdout)}\n\n${around.after}`)
  process.exitCode = exitCode ?? 1
}
