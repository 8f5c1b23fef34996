import { KNOWN_ISSUES } from '../model/known-issues.ts'
import type { Coverage } from './coverage.ts'
import type { Finding, Tally } from './explore.ts'
import { SITUATIONS } from './states.ts'

/** Behind the runs: how much, how fast, and what of it was wrong. */
export function tallyLine(
  { runs, steps, known, failed, broken }: Tally,
  findings: number,
  again: number,
  duration_ms: number,
): string {
  const minutes = duration_ms / 60_000
  const rate =
    minutes > 0 ? `${(runs / minutes).toFixed(1)} runs and ${(steps / minutes).toFixed(0)} steps a minute` : ''
  return [
    `${runs} runs, ${steps} judged steps in ${minutes.toFixed(1)} min (${rate}, shrinking included):`,
    `${findings} found in ${failed} that failed (${again} again),`,
    `${known} known issues, ${broken} of which nothing could be told.`,
  ].join(' ')
}

/** What was visited by now, and what never was. */
export function coverageLines(
  all: readonly {
    readonly era: string
    readonly coverage: Coverage
    readonly before: ReturnType<Coverage['counts']>
  }[],
): string[] {
  const names = [...Object.keys(SITUATIONS), ...new Set(KNOWN_ISSUES.map(({ condition }) => condition))]
  return all.flatMap(({ era, coverage, before }) => {
    const now = coverage.counts()
    const never = names.filter((name) => coverage.situation(name) === 0)
    const part = (what: keyof typeof now) => `${now[what]} ${what} (${now[what] - before[what]} new)`
    return [
      `Era ${era}: ${part('states')}, ${part('transitions')}, ${part('answers')}; ${names.length - never.length} of ${names.length} situations.`,
      ...(never.length === 0 ? [] : [`  never reached: ${never.join('; ')}`]),
    ]
  })
}

/** What stands above the scenario that was found: the difference, and how to see the whole run again. */
export function findingComment({ verdict, token, kernel, signature, found_by, repeats }: Finding): string[] {
  return [
    `Found by tierlab explore on ${kernel.name} (${kernel.release}), in run ${found_by}: ${verdict.verdict}.`,
    ...verdict.differences
      .slice(0, 4)
      .map(
        ({ path, expected, observed }) =>
          `  ${oneLine(path)}: expected ${oneLine(expected)}, observed ${oneLine(observed)}`,
      ),
    ...verdict.excerpt.slice(0, 4).map((line) => `  ${oneLine(line)}`),
    ...(verdict.differences.length + verdict.excerpt.length === 0 ? [`  ${oneLine(verdict.reason)}`] : []),
    ...(repeats ? [] : ['It did not fail the same way when it was made again.']),
    `Signature: ${oneLine(signature)}`,
    `The whole run: npx tierlab explore --kernel ${kernel.name} --replay ${token}`,
  ]
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
