import { issuesToReview } from '../model/known-issues.ts'
import { columns } from '../report/columns.ts'
import { styleFor } from '../report/style.ts'
import { printable } from '../report/width.ts'
import { readRecorded } from '../run/recorded.ts'
import { type Fate, since } from '../run/since.ts'
import { EXIT } from './exit-status.ts'

const SHOWN: readonly Fate[] = ['new failure', 'could not tell', 'flaky', 'still failing', 'fixed']

/** `tierlab compare`: what has changed since an earlier run. Only a new failure fails. */
export async function compareCommand(old: string, now: string): Promise<number> {
  const style = styleFor(process.stdout)
  const [before, after] = [await readRecorded(old), await readRecorded(now)]
  const all = since(after.results, before.results)
  const rows = SHOWN.flatMap((fate) =>
    all
      .filter((one) => one.fate === fate)
      .map((one) => [
        fate,
        `${one.before.join(', ') || 'not run'} → ${one.after.join(', ')}`,
        one.kernel,
        printable(one.scenario),
      ]),
  )
  const count = (fate: Fate) => all.filter((one) => one.fate === fate).length
  const counts = [...SHOWN, 'as it was' as const].flatMap((fate) =>
    count(fate) === 0 ? [] : [`${count(fate)} ${fate}`],
  )
  const unmade = after.unmade.length === 0 ? [] : [`${after.unmade.length} not run`]
  const review = issuesToReview(new Date().toISOString().slice(0, 10)).map(
    ({ issue, expired }) =>
      `known issue ${issue.id}: ${expired ? `expired on ${issue.expires}: its runs count as failures` : `expires on ${issue.expires}`}`,
  )
  process.stdout.write(
    `${columns(rows)}${review.map((line) => `${line}\n`).join('')}${style.bold([...counts, ...unmade].join(', ') || 'nothing was run')}\n`,
  )
  if (count('new failure') > 0) return EXIT.disagreed
  return count('could not tell') > 0 || after.unmade.length > 0 || all.length === 0 ? EXIT.unknown : EXIT.passed
}
