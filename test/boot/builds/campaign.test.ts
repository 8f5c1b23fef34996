import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../../harness/base/store.ts'
import { bisect } from '../../../harness/campaign/bisect.ts'
import { Judging } from '../../../harness/campaign/judging.ts'
import { mutate } from '../../../harness/campaign/mutate.ts'
import { judgeSeries } from '../../../harness/campaign/series.ts'
import { TryLog } from '../../../harness/campaign/try-log.ts'
import { eraNamed } from '../../../harness/model/eras.ts'
import { loadScenarios } from '../../../harness/run/load.ts'
import { runSuite } from '../../../harness/run/suite.ts'
import { lineBetween, resolveKernel } from '../../../kernels/index.ts'
import { mutant } from '../../../kernels/mutants.ts'
import { openOrigin } from '../../../kernels/source/origin.ts'
import { makeHistory } from './history.ts'
import { skip } from './tools.ts'

const BASE = 'source:6.1'
const SCENARIOS = join(import.meta.dirname, '../../../scenarios')

const store = new Store()
const out = await mkdtemp(join(tmpdir(), 'tierlab-campaign-'))
t.teardown(() => rm(out, { recursive: true, force: true }))
const log = (sentence: string) => t.comment(sentence)
const { signal } = new AbortController()
const judging = new Judging({ accel: 'auto', jobs: 'auto', out, signal, log })
const options = { store, log }
const file = (name: string) => loadScenarios([join(SCENARIOS, name)])

t.test('a bisection finds a mutant in a history with a commit that does not build', { skip }, async (t) => {
  const origin = await openOrigin(
    { kind: 'source', wanted: '6.1', config: 'lab', changes: [] },
    { ...options, etc: '/etc/apt' },
  )
  const commits = 7
  // Any but the first and the last: both ends must build, and the last one is to be bad.
  const inside = () => 2 + Math.floor(Math.random() * (commits - 2))
  const [culprit, broken] = [inside(), inside()]
  t.comment(`of ${commits} commits ${culprit} is the culprit and ${broken} does not build`)
  const history = await makeHistory(out, origin, { commits, culprit, broken, name: 'notifier-deaf-to-offline' })
  const spec = (commit: string) => `tree:${history.path}@${commit}`
  const found = await bisect({
    line: await lineBetween(spec(history.first), spec(history.last), options),
    scenarios: await file('kmem/the-tier-lives-from-the-first-block-to-the-last.ts'),
    ...{ confidence: 0.99, judging, tell: (done) => t.comment(`${done.verdict} ${done.title} ${done.seconds} s`) },
    tries: await TryLog.open(join(out, 'bisect.json'), 'test'),
  })
  const named = [found.link, ...found.suspects].map(({ id }) => id)
  t.ok(named.includes(history.culprit), 'it is the one named, or next to one that cannot be judged')
  if (found.suspects.length === 0) t.equal(found.link.id, history.culprit)
  t.match(await found.link.stat(), /mm\/memory-tiers\.c/)
  t.match(found.failure?.verdict.differences, [{ path: /memory_tier22/ }])
})

t.test('mutants are killed', { skip }, async (t) => {
  const names = ['notifier-deaf-to-offline', 'clear-missing-on-remove']
  const fates = await mutate({
    mutants: await Promise.all(names.map((name) => mutant(name))),
    ...{ scenarios: await loadScenarios([]), judging, tell: () => {} },
    kernel: (found) => resolveKernel(`${BASE}${found === undefined ? '' : `+mutant:${found.name}`}`, options),
  })
  for (const {
    mutant: { name },
    fate,
  } of fates)
    t.match(fate, { kind: 'killed' }, name)
})

t.test('v13 is another era, and with the wrong one the rule is named', { skip }, async (t) => {
  const scenarios = await file('kmem/dax-memory-lands-in-the-default-dax-tier.ts')
  const run = (era: string) =>
    runSuite({
      ...{ scenarios, kernels: [`${BASE}+mutant:v13-constants`], accel: 'auto', out: join(out, era), bail: false },
      ...{ signal, emit: () => {}, era: eraNamed(era) },
    })
  t.match(await run('v13'), [{ verdict: { verdict: 'pass' } }])
  t.match(await run('6.1'), [
    { verdict: { verdict: 'fail', differences: [{ path: /memory_tier22/, rule: /memory-tiers\.c/ }] } },
  ])
})

t.test('a series is judged patch by patch', { skip }, async (t) => {
  const line = await lineBetween(BASE, `${BASE}+mutant:chunk-of-256+mutant:notifier-deaf-to-offline`, options)
  const scenarios = await file('kmem/the-tier-lives-from-the-first-block-to-the-last.ts')
  const outcomes = await judgeSeries({ line, scenarios, judging, tell: () => {} })
  t.same(
    outcomes.map(({ results }) => results[0]?.verdict.verdict),
    ['pass', 'pass', 'fail'],
  )
})
