import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { SourceError } from '../../harness/base/errors.ts'
import { bisect } from '../../harness/campaign/bisect.ts'
import { culpritLines, tryLine } from '../../harness/campaign/bisect-words.ts'
import { missChance, runsNeeded } from '../../harness/campaign/confidence.ts'
import { type Try, TryLog } from '../../harness/campaign/try-log.ts'
import { styleFor } from '../../harness/report/style.ts'
import type { VerdictName } from '../../harness/run/verdict.ts'
import type { Kernel } from '../../kernels/index.ts'
import { judge, kernel, lineOf, loaded } from './fakes.ts'

const plain = styleFor({ write: () => true }, {})
let logs = 0

async function bisected(
  line: ReturnType<typeof lineOf>,
  verdictOn: (kernel: Kernel) => VerdictName,
  { path, confidence = 0.99 }: { path: string; confidence?: number },
) {
  const { judge: judging, runs } = judge(verdictOn)
  const tries = await TryLog.open(join(path, `${logs++}.json`), 'question')
  const told: Try[] = []
  const scenarios = [loaded('one')]
  const culprit = await bisect({ line, scenarios, confidence, judging, tries, tell: (done) => told.push(done) })
  return { culprit, runs, told, tries }
}

t.test('the first bad one is found, wherever it is, in few trials', async (t) => {
  const path = t.testdir({})
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 40 }), fc.nat(), async (count, seed) => {
      const first = 1 + (seed % (count - 1))
      const at = ({ name }: Kernel) => Number(name.slice(1))
      const { culprit, told } = await bisected(lineOf(count), (on) => (at(on) >= first ? 'fail' : 'pass'), { path })
      return culprit.link.id === `${first}` && new Set(told.map(({ id }) => id)).size <= 3 + Math.log2(count)
    }),
    { numRuns: 60 },
  )
})

t.test('what does not build or boot is skipped, and may be the culprit', async (t) => {
  const path = t.testdir({})
  const line = lineOf(9, (at) => {
    if (at === 4) throw new SourceError('k4 does not build.', 'build', ['mm/x.c:1: error'])
    return kernel(`k${at}`)
  })
  const verdictOn = ({ name }: Kernel) => (name === 'k5' ? 'broken' : Number(name.slice(1)) >= 6 ? 'crash' : 'pass')
  const { culprit, told } = await bisected(line, verdictOn, { path })
  t.equal(culprit.link.id, '6')
  t.same(
    culprit.suspects.map(({ id }) => id),
    ['4', '5'],
  )
  t.match(
    told.find(({ id }) => id === '4'),
    { verdict: 'skip', reason: /does not build[\s\S]*mm\/x\.c/ },
  )
  const text = (await culpritLines(culprit, told, plain, 100)).join('\n')
  t.match(text, /The first bad one is k6, or one of these before it, which cannot be judged:\n {2}k4\n {2}k5/)
  t.match(text, /stat 6/)
})

t.test('equal kernels are tried once', async (t) => {
  const path = t.testdir({})
  const line = lineOf(33, (at) => kernel(`k${at}`, at >= 20 ? 'new' : 'old'))
  const { culprit, runs, told } = await bisected(line, ({ hash }) => (hash === 'new' ? 'splat' : 'pass'), { path })
  t.equal(culprit.link.id, '20')
  t.same([...new Set(runs)], ['k32', 'k0'])
  t.match(tryLine(told.find(({ as }) => as !== null) as Try, plain), /the same kernel as “k/)
})

t.test('both ends are tried before they are believed', async (t) => {
  const path = t.testdir({})
  const wrong = (verdictOn: (kernel: Kernel) => VerdictName) => bisected(lineOf(5), verdictOn, { path })
  await t.rejects(
    wrong(() => 'fail'),
    { name: 'UsageError', message: /The good one is bad: on k0/ },
  )
  await t.rejects(
    wrong(() => 'pass'),
    { name: 'UsageError', message: /The bad one is good: none of 3 runs on k4/ },
  )
  await t.rejects(
    wrong(() => 'skip'),
    { name: 'UsageError', message: /The bad one cannot be judged/ },
  )
  await t.rejects(
    bisected(lineOf(1), () => 'fail', { path }),
    { name: 'UsageError', message: /nothing between/ },
  )
})

t.test('a scenario that fails now and then is repeated until that is sure enough', async (t) => {
  const path = t.testdir({})
  let tick = 0
  // Fails in every third run on a bad kernel.
  const verdictOn = ({ name }: Kernel): VerdictName =>
    Number(name.slice(1)) >= 11 && tick++ % 3 === 0 ? 'fail' : 'pass'
  const { culprit, told } = await bisected(lineOf(17), verdictOn, { path })
  t.equal(culprit.link.id, '11')
  t.ok((told.findLast(({ id }) => id === '16')?.runs ?? 0) >= 20, 'the bad end more often')
  t.ok((told.find(({ id }) => id === '0')?.runs ?? 0) >= 10, 'and a good one until it is believed')
})

t.test('the numbers of runs', async (t) => {
  t.equal(runsNeeded({ runs: 3, failures: 3 }, 0.002), 1, 'almost all scenarios end the same each time')
  t.equal(runsNeeded({ runs: 3, failures: 3 }, 0.0003), 2)
  t.equal(runsNeeded({ runs: 1000, failures: 1 }, 0.001), undefined)
  t.ok(Math.abs(missChance({ runs: 20, failures: 10 }, 1) - 0.5) < 1e-9, 'the mean of the posterior')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(50), fc.integer({ min: 1, max: 20 }), (runs, k, more) => {
      const sample = { runs, failures: Math.min(k, runs) }
      const chance = missChance(sample, more)
      return chance > 0 && chance < 1 && missChance(sample, more + 1) < chance
    }),
  )
})

t.test('an interrupted bisection goes on, a finished one begins again', async (t) => {
  const path = join(t.testdir({}), 'deep', 'bisect.json')
  const done = {
    id: 'a',
    title: 'a',
    verdict: 'good',
    runs: 1,
    failures: 0,
    reason: '',
    kernel: 'h',
    as: null,
    seconds: 1,
  } as const
  const log = await TryLog.open(path, { good: 'x' })
  await log.add(done)
  t.same((await TryLog.open(path, { good: 'x' })).tries, [done])
  t.same((await TryLog.open(path, { good: 'y' })).tries, [], 'another question is another bisection')
  await log.add({ ...done, runs: 4 })
  t.same((await TryLog.open(path, { good: 'x' })).tries, [{ ...done, runs: 4 }])
  await log.finish()
  t.same((await TryLog.open(path, { good: 'x' })).tries, [])
})
