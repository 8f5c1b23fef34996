import { findingLines } from '../report/finding.ts'
import type { Style } from '../report/style.ts'
import { padEnd, printable } from '../report/width.ts'
import type { Culprit } from './bisect.ts'
import type { Try } from './try-log.ts'

/** One line for each kernel that was tried. */
export function tryLine({ verdict, title, runs, failures, as, seconds, reason, id }: Try, style: Style): string {
  const paint = { good: 'pass', bad: 'fail', skip: 'skip' } as const
  const counted = runs > 1 ? `${failures} of ${runs} failed` : ''
  const why = as !== null ? `the same kernel as “${as}”` : verdict === 'skip' ? (reason.split('\n')[0] ?? '') : counted
  const name = /^[0-9a-f]{40}$/.test(id) ? `${id.slice(0, 12)} ${title}` : id === title ? title : `${id} ${title}`
  const time = `${seconds.toFixed(1)} s`.padStart(8)
  return `${style.verdict(paint[verdict], padEnd(verdict, 4))} ${time}  ${printable(name)}${why === '' ? '' : style.dim(`  (${printable(why)})`)}`
}

/** What was found: the kernel, what it changes, the step and difference, and the log of what was tried. */
export async function culpritLines(
  { link, suspects, failure }: Culprit,
  tries: readonly Try[],
  style: Style,
  columns: number,
): Promise<string[]> {
  const stat = await link.stat()
  const head =
    suspects.length === 0
      ? [`The first bad one is ${style.bold(printable(link.title))}`]
      : [
          `The first bad one is ${style.bold(printable(link.title))}, or one of these before it, which cannot be judged:`,
          ...suspects.map(({ title }) => `  ${printable(title)}`),
        ]
  const reason = tries.find(({ id }) => id === link.id)?.reason ?? ''
  return [
    '',
    ...head,
    ...(link.id === link.title ? [] : [`  ${link.id}`]),
    ...(stat === '' ? [] : ['', ...stat.split('\n')]),
    '',
    ...(failure === undefined ? [printable(reason)] : findingLines(failure, style, columns)),
    '',
    'tried:',
    ...tries.map((one) => `  ${tryLine(one, style)}`),
  ]
}
