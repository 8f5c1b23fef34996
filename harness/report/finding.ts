import { shellLine } from '../base/shell-words.ts'
import type { Difference } from '../compare/expectation.ts'
import { runAgain } from '../run/again.ts'
import type { RunResult } from '../run/events.ts'
import type { Style } from './style.ts'
import { printable, wrap } from './width.ts'

/** Bounds: all of it is in the record. */
export const FINDING_LIMITS = { differences: 12, of_one_rule: 2, excerpt: 24, value: 240 }

/** All that one needs to know of a run that did not pass (of a known issue less), and the commands that go on from here. */
export function findingLines(result: RunResult, style: Style, columns: number): string[] {
  const { cell, verdict, accel, record } = result
  const { scenario, kernel, era } = cell
  const step = verdict.step
  return [
    `${style.verdict(verdict.verdict)}  ${style.bold(printable(scenario.name))}`,
    ...field('kernel', [`${kernel.name} (${kernel.release}), era ${era.name}, ${accel.name}`], style),
    ...field('reason', wrap(printable(verdict.reason.replaceAll('\n', ' ')), columns - INDENT - 1), style),
    ...(step === null ? [] : field('step', [stepText(result, step)], style)),
    ...(verdict.verdict === 'known' ? [] : differenceLines(verdict.differences, style)),
    ...(verdict.verdict === 'known' ? [] : excerptLines(verdict.excerpt, style)),
    ...(record === null ? [] : field('record', [record], style)),
    ...field('run again', [runAgain(result)], style),
    ...(record === null ? [] : field('judge', [shellLine(['npx', 'tierlab', 'judge', record])], style)),
  ]
}

const INDENT = 14

function field(name: string, lines: readonly string[], style: Style): string[] {
  return lines.map(
    (line, index) => `  ${index === 0 ? style.dim(name.padEnd(INDENT - 2)) : ' '.repeat(INDENT - 2)}${line}`,
  )
}

function stepText({ cell }: RunResult, step: number): string {
  const steps = cell.scenario.steps.filter((item) => !('shows' in item)).length
  return step === 0 ? `boot, before the first of ${steps}` : `${step} of ${steps}`
}

function differenceLines(differences: readonly Difference[], style: Style): string[] {
  if (differences.length === 0) return []
  const shown = fewOfEachRule(differences)
  const more = differences.length - shown.length
  return [
    ...field('differences', [String(differences.length)], style),
    ...shown.flatMap(({ path, expected, observed, rule }) => [
      `    ${printable(path)}`,
      `      ${style.dim('expected')}  ${value(expected)}`,
      `      ${style.dim('observed')}  ${value(observed)}`,
      `      ${style.dim('rule')}      ${printable(rule)}`,
    ]),
    ...(more > 0 ? [`    … and ${more} more, in verdict.json of the record`] : []),
  ]
}

/** Tiers first; and of one rule only a few, because a node's every memory block tells the same. */
function fewOfEachRule(differences: readonly Difference[]): Difference[] {
  const isTier = ({ path }: Difference) => path.includes('/memory_tiering/')
  const ordered = [...differences.filter(isTier), ...differences.filter((difference) => !isTier(difference))]
  const counts = new Map<string, number>()
  const few = ordered.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1
    counts.set(rule, count)
    return count <= FINDING_LIMITS.of_one_rule
  })
  return few.slice(0, FINDING_LIMITS.differences)
}

function value(text: string): string {
  if (text === '') return '(empty)'
  const line = printable(text.replaceAll('\n', ' ⏎ '))
  return line.length > FINDING_LIMITS.value ? `${line.slice(0, FINDING_LIMITS.value)}…` : line
}

function excerptLines(excerpt: readonly string[], style: Style): string[] {
  if (excerpt.length === 0) return []
  const shown = excerpt.slice(0, FINDING_LIMITS.excerpt).map((line) => `    ${printable(line)}`)
  const more = excerpt.length - shown.length
  return [...field('kernel log', [''], style), ...shown, ...(more > 0 ? [`    … and ${more} more lines`] : [])]
}
