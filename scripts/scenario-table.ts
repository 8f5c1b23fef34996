/**
 * Runs every scenario on the newest Debian kernel of each series, and writes the table of verdicts into docs/verdicts.md.
 * Usage: npm run table
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { $ } from 'zx'

export const KERNELS = ['debian:6.1', 'debian:6.12', 'debian:7']
const MARKS = ['<!-- scenarios: npm run table -->', '<!-- end of scenarios -->'] as const

/** What stands between the marks of docs/verdicts.md. */
export async function tableIn(page: string): Promise<{ before: string; table: string; after: string }> {
  const text = await readFile(page, 'utf8')
  const [start, end] = MARKS.map((mark) => text.indexOf(mark))
  if (start === undefined || end === undefined || start < 0 || end < start)
    throw new Error(`${page} has no ${MARKS.join(' … ')}`)
  const from = start + MARKS[0].length
  return { before: text.slice(0, from), table: text.slice(from, end), after: text.slice(end) }
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..')
  const page = resolve(root, 'docs/verdicts.md')
  const { before, after } = await tableIn(page)
  const kernels = KERNELS.flatMap((kernel) => ['--kernel', kernel])
  // A table that shows a failure is written too: the exit status says so.
  const { stdout, exitCode } = await $({ cwd: root, nothrow: true })`npx tierlab run ${kernels} --format markdown`
  await writeFile(page, `${before}\n\n${stdout}\n${after}`)
  process.exitCode = exitCode ?? 1
}
