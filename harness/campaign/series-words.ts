import { findingLines } from '../report/finding.ts'
import type { Style } from '../report/style.ts'
import { padEnd, printable, truncate } from '../report/width.ts'
import { isExpected, isFailure, isPass, type VerdictName } from '../run/verdict.ts'
import { changesIn, type PatchOutcome } from './series.ts'

/** One line for each patch as it is done, and the tool's words when there is no kernel. */
export function outcomeLines({ link, results, failure, as, build_ms, run_ms }: PatchOutcome, style: Style): string[] {
  const time = `${seconds(build_ms)} + ${seconds(run_ms)} s`.padStart(16)
  const name = printable(link.id === link.title ? link.title : `${link.id} ${link.title}`)
  if (failure !== undefined)
    return [
      `${style.verdict('broken', padEnd(failure.what === 'patch' ? 'no patch' : 'no build', 8))}${time}  ${name}`,
      ...[failure.message, ...failure.words].map((line) => `    ${printable(line)}`),
    ]
  const failed = results.filter(({ verdict }) => !isExpected(verdict)).length
  const word =
    failed === 0 ? style.verdict('pass', padEnd('pass', 8)) : style.verdict('fail', padEnd(`${failed} fail`, 8))
  return [`${word}${time}  ${name}${as === undefined ? '' : style.dim(`  (the same kernel as ${as.id})`)}`]
}

const LETTERS: Readonly<Record<VerdictName, string>> = {
  ...{ pass: '.', known: 'k', skip: '-', fail: 'F', splat: 'S', crash: 'C', hang: 'H', broken: 'B' },
}

/** The matrix patch × scenario, and where each verdict changes first; what does not change is counted. */
export function seriesLines(outcomes: readonly PatchOutcome[], links: number, style: Style, columns: number): string[] {
  const judged = outcomes.filter(({ results }) => results.length > 0)
  const scenarios = judged[0]?.results.map(({ cell }) => cell) ?? []
  const changes = changesIn(outcomes)
  const width = Math.max(20, Math.min(columns - 4 - outcomes.length * 2, 70))
  const rows = scenarios.map(({ scenario, file }) => {
    const verdicts = outcomes.map(({ results }) => results.find(({ cell }) => cell.file === file)?.verdict.verdict)
    return { name: scenario.name, verdicts }
  })
  const different = rows.filter(
    ({ verdicts }) =>
      new Set(verdicts.filter((one) => one !== undefined)).size > 1 ||
      verdicts.some((one) => one && isFailure({ verdict: one })),
  )
  const field = (verdict: VerdictName | undefined) =>
    verdict === undefined ? style.dim('?') : style.verdict(verdict, LETTERS[verdict])
  const heads = outcomes.map(({ link }, at) => (at === 0 ? 'b' : (/^\d+/.exec(link.id)?.[0].slice(-1) ?? '·')))
  const missing = links - outcomes.length
  return [
    '',
    `${padEnd('', width)}  ${heads.join(' ')}`,
    ...different.map(
      ({ name, verdicts }) => `${padEnd(truncate(printable(name), width), width)}  ${verdicts.map(field).join(' ')}`,
    ),
    `${rows.length - different.length} scenarios are the same from the base on (${rows.filter(({ verdicts }) => verdicts.every((one) => one === undefined || isPass({ verdict: one }))).length} pass).`,
    ...(missing > 0 ? [`${missing} patches behind that were not judged.`] : []),
    style.dim('b base  . pass  k known  - skip  F fail  S splat  C crash  H hang  B broken  ? no kernel'),
    ...changes.flatMap(({ at, from, to, scenario }) => [
      '',
      `${printable(scenario)}: ${from} → ${to.verdict.verdict} with ${style.bold(printable(`${at.id} ${at.title}`))}`,
      ...(isFailure(to.verdict) ? findingLines(to, style, columns).slice(1) : []),
    ]),
  ]
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1)
}
