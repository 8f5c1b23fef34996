import { join, resolve } from 'node:path'
import t from 'tap'
import { runAgain } from '../../harness/run/again.ts'
import { judged } from '../../harness/run/rejudge.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'

const MUST_FAIL = resolve(import.meta.dirname, '../recorded/must-fail')

t.test('the line that makes a run again has what was asked for, and nothing that comes by itself', async (t) => {
  const record = await new RunFolder(MUST_FAIL).read()
  const { head } = record
  const line = (changed: Partial<typeof head>) =>
    runAgain(judged({ ...record, head: { ...head, ...changed } }, join(MUST_FAIL)))
  const bare = 'npx tierlab run test/fixtures/must-fail.ts --kernel debian:6.1.192-2'
  t.equal(line({}), bare)
  t.equal(
    line({
      accel: { name: 'tcg', reason: 'asked for by --accel tcg' },
      userland: { ...head.userland, family: 'bookworm' },
      known_issues: false,
    }),
    `${bare} --accel tcg --userland debian:bookworm --no-known-issues`,
  )
  t.equal(line({ era: 'v13' }), `${bare} --era v13`)
})
