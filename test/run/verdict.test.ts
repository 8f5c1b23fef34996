import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { guest } from '../../harness/index.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import type { KnownIssue } from '../../harness/model/known-issues.ts'
import { excusedBy } from '../../harness/run/excused.ts'
import type { RunEnd, RunRecord } from '../../harness/run/record.ts'
import { readRecorded } from '../../harness/run/recorded.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'
import { tell } from '../../harness/run/story.ts'
import { judge, judgeStep, type Verdict } from '../../harness/run/verdict.ts'

/** Runs on real guests, recorded once: test/recorded/README.md. */
const RECORDED = join(import.meta.dirname, '../recorded')

function recorded(name: string): Promise<RunRecord> {
  return new RunFolder(join(RECORDED, name)).read()
}

t.test('recorded runs, judged again', async (t) => {
  const wanted: [name: string, verdict: Partial<Verdict>][] = [
    ['pass-6.1', { verdict: 'pass', step: null }],
    ['pass-6.12', { verdict: 'pass' }],
    ['pass-7.3', { verdict: 'pass' }],
    ['must-fail', { verdict: 'fail', step: 1 }],
    ['must-splat', { verdict: 'splat', step: 1 }],
    ['must-crash', { verdict: 'crash', step: 1 }],
    ['must-hang', { verdict: 'hang', step: 1 }],
  ]
  for (const [name, verdict] of wanted) {
    t.match(judge(await recorded(name)), verdict, name)
    const then: unknown = JSON.parse(await readFile(join(RECORDED, name, 'verdict.json'), 'utf8'))
    t.same(judge(await recorded(name)), then, `${name}: as it was judged when it was run`)
  }
})

/** A recorded pass of which one step is changed. */
async function changed(index: number, change: Partial<RunRecord['steps'][number]>): Promise<Verdict> {
  const record = await recorded('pass-6.12')
  return judge({ ...record, steps: record.steps.map((step) => (step.index === index ? { ...step, ...change } : step)) })
}

t.test('a record that is otherwise than it was', async (t) => {
  const { steps } = await recorded('pass-6.12')
  const files = { ...steps[2]?.files }
  const nodelist = '/sys/devices/virtual/memory_tiering/memory_tier22/nodelist'
  t.equal(files[nodelist], '1')
  t.match(await changed(2, { files: { ...files, [nodelist]: '0' } }), {
    verdict: 'fail',
    step: 2,
    differences: [{ path: nodelist, expected: '1', observed: '0' }],
  })
  t.match(await changed(2, { status: 1, stderr: 'no\n' }), {
    verdict: 'fail',
    differences: [{ expected: '0', observed: '1 (no)' }],
  })
  t.match(await changed(2, { messages: [] }), {
    verdict: 'fail',
    differences: [{ path: /^kernel log, Demotion targets/ }, {}],
  })
  t.match(await changed(2, { timed_out: true }), { verdict: 'hang', step: 2 })
  const warning = [
    '[ 9.1] ------------[ cut here ]------------',
    '[ 9.1] WARNING: CPU: 0 PID: 9 at mm/memory-tiers.c:9 f+0x1/0x2',
  ]
  t.match(await changed(1, { messages: warning }), {
    verdict: 'splat',
    step: 1,
    reason: /^WARN after/,
    excerpt: /cut here/,
  })
  t.match(await changed(1, { files: { ...steps[1]?.files, '/proc/sys/kernel/tainted': '512' } }), { verdict: 'splat' })
  t.match(await changed(1, { files: { ...steps[1]?.files, '/proc/sys/kernel/random/boot_id': 'other' } }), {
    verdict: 'fail',
    differences: [{ path: '/proc/sys/kernel/random/boot_id' }],
  })
})

t.test('how a run ended decides, where no step does', async (t) => {
  const record = await recorded('pass-6.1')
  const ended = (kind: RunEnd['kind'], messages: string[] = []): Verdict =>
    judge({ ...record, steps: record.steps.slice(0, 2), end: { ...record.end, kind, reason: 'why', messages } })
  const panic = ['[ 9.1] Kernel panic - not syncing: x']
  const oops = ['[ 9.1] BUG: kernel NULL pointer dereference, address: 0000000000000018']
  t.match(ended('complete'), { verdict: 'broken' }, 'a record that lacks steps is never a pass')
  t.match(ended('no-boot'), { verdict: 'broken' })
  t.match(ended('exited'), { verdict: 'crash' })
  t.match(ended('exited', panic), { verdict: 'crash', reason: /panic/ })
  t.match(ended('silent'), { verdict: 'hang' })
  t.match(ended('silent', oops), { verdict: 'splat', step: 2 }, 'a guest that hangs after an oops has oopsed')
  t.match(ended('killed'), { verdict: 'broken' })
  t.match(ended('protocol'), { verdict: 'broken' })
  t.match(ended('host'), { verdict: 'broken' })
  t.match(ended('interrupted'), { verdict: 'broken', reason: 'interrupted' })
})

t.test('damaged folders', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-record-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await t.rejects(new RunFolder(join(folder, 'none')).read(), {
    name: 'UsageError',
    message: /is not the folder of a run/,
  })
  await cp(join(RECORDED, 'pass-6.1'), folder, { recursive: true })
  const lines = await readFile(join(folder, 'steps.jsonl'), 'utf8')
  await writeFile(join(folder, 'steps.jsonl'), lines.slice(0, -100))
  t.match(judge(await new RunFolder(folder).read()), { verdict: 'broken' }, 'a step that was cut short does not count')
  await rm(join(folder, 'end.json'))
  t.match(judge(await new RunFolder(folder).read()), { verdict: 'broken', reason: 'interrupted' })
  const { results, unmade } = await readRecorded(folder)
  t.same(results, [], 'what was interrupted is not judged')
  t.same(unmade, ['dax memory lands in the default dax tier on debian:6.1.192-2 was interrupted'])
  await writeFile(join(folder, 'run.json'), '{}')
  await t.rejects(new RunFolder(folder).read(), { message: /damaged, or from another version/ })
})

t.test('known issues', async (t) => {
  const { head, steps } = await recorded('must-splat')
  const chapter = tell(head.scenario, eraNamed(head.era))[1]
  const [first, second] = steps
  if (chapter === undefined || first === undefined || second === undefined) throw new Error('an incomplete record')
  const issue: KnownIssue = {
    ...{ id: 'some-issue', condition: 'a node without a type loses its last memory', kernels: '>=6.1' },
    ...{
      seen: [{ verdict: 'splat', words: [] }],
      reason: 'Some reason.',
      reference: 'some file',
      expires: '2999-01-01',
    },
  }
  const judged = (seen: KnownIssue['seen'], step = second) =>
    judgeStep(chapter, step, first, () => ({ ...issue, seen }))
  const splat = judgeStep(chapter, second, first, () => undefined)
  t.match(splat, { verdict: 'splat' }, 'without one')
  const word = splat?.excerpt[0]?.split(' ')[0] ?? '?'
  t.match(judged([{ verdict: 'splat', words: [word] }]), { verdict: 'known', reason: /^some-issue: Some reason/ })
  t.match(judged([{ verdict: 'splat', words: [word, 'memtier'] }]), { verdict: 'splat' }, 'another splat')
  t.match(judged([{ verdict: 'crash', words: [word] }]), { verdict: 'splat' }, 'another verdict')
  const well = { ...first, index: 1 }
  t.match(judged([{ verdict: 'splat', words: [word] }], well), { verdict: 'fail', reason: /did not show/ })
  const run = { kernel: head.kernel, started_at: '2026-01-01T00:00:00.000Z', known_issues: true }
  const world = { ...chapter.outcome.world, conditions: [issue.condition] }
  t.match(excusedBy(run)(world), { condition: issue.condition })
  t.equal(excusedBy({ ...run, known_issues: false })(world), undefined, '--no-known-issues')
  t.equal(excusedBy({ ...run, started_at: '2999-01-01T00:00:00.000Z' })(world), undefined, 'on the day of the run')
})

t.test('a guest boots again at a reset, and nowhere else', async (t) => {
  const { head, steps } = await recorded('pass-6.12')
  const chapter = tell(head.scenario, eraNamed(head.era))[1]
  const [first, second] = steps
  if (chapter === undefined || first === undefined || second === undefined) throw new Error('an incomplete record')
  const path = '/proc/sys/kernel/random/boot_id'
  const again = { ...second, files: { ...second.files, [path]: 'another' } }
  const judged = (step: typeof second, reset: boolean) =>
    judgeStep(reset ? { ...chapter, step: guest.reboot() } : chapter, step, first, () => undefined)
  t.equal(judged(second, false), null)
  t.match(judged(again, false), { verdict: 'fail', differences: [{ path, rule: /boots once/ }] })
  t.equal(judged(again, true), null)
  t.match(judged(second, true), { verdict: 'fail', differences: [{ path, rule: /boots again/ }] })
})
