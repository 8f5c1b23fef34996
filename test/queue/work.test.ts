import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { HostError } from '../../harness/base/errors.ts'
import { Store } from '../../harness/base/store.ts'
import { dram, GiB, machine, scenario, shows } from '../../harness/index.ts'
import { addRun } from '../../harness/queue/add.ts'
import type { QueuedCell } from '../../harness/queue/cell.ts'
import { Cells } from '../../harness/queue/cells.ts'
import { collectRun } from '../../harness/queue/collect.ts'
import { Connection } from '../../harness/queue/connection.ts'
import { identityOfTierlab } from '../../harness/queue/identity.ts'
import type { Maker } from '../../harness/queue/make.ts'
import { PREFIX, queueName } from '../../harness/queue/names.ts'
import { removeRun } from '../../harness/queue/remove.ts'
import { readRun } from '../../harness/queue/run.ts'
import { countsOf, statesOf } from '../../harness/queue/state.ts'
import { type WorkOptions, work } from '../../harness/queue/work.ts'
import { mergeShards } from '../../harness/run/merge.ts'
import { readRecorded } from '../../harness/run/recorded.ts'
import { rejudge } from '../../harness/run/rejudge.ts'
import type { RunFolder } from '../../harness/run/run-folder.ts'
import { bzImage } from '../kernels/fixtures.ts'
import { RedisServer } from './redis-server.ts'

const RECORDED = resolve(import.meta.dirname, '../recorded')
const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
const TIERLAB = await identityOfTierlab()
const manner = { fresh: false, verify_restore: false, known_issues: true }

/** Scenarios of one machine, and one for other kernels. */
function scenariosOf(names: readonly string[]) {
  const box = machine({ nodes: [dram(GiB, { cpus: '0' })] })
  const claim = { why: 'It is so.', machine: box, steps: [shows({ hasMemory: '0' })] }
  return [
    ...names.map((name) => ({ scenario: scenario(name, { ...claim, kernels: '>=6.1' }), file: `${name}.ts` })),
    { scenario: scenario('for others', { ...claim, kernels: '>=9.0' }), file: 'others.ts' },
  ]
}

/** A queue in a Redis of the test's own, and a run in it. */
async function queueWith(
  t: { teardown(callback: () => Promise<void>): void; testdir(content: { bzImage: Buffer }): string },
  names: readonly string[],
) {
  const server = await RedisServer.start(t)
  const connection = await Connection.open(server.address)
  const cells = new Cells(connection.redis, TIERLAB)
  t.teardown(async () => connection[Symbol.dispose]())
  const root = t.testdir({ bzImage: bzImage('6.6.6 (a@b) #1') })
  const store = new Store(join(root, 'cache'))
  const add = (name: string, wanted = names, extra: { repeat?: number; manner?: typeof manner } = {}) =>
    addRun(connection, cells, {
      ...{ name, tierlab: TIERLAB, store, scenarios: scenariosOf(wanted), kernels: [`image:${join(root, 'bzImage')}`] },
      ...{ repeat: 1, manner, log: () => {}, ...extra },
    })
  const states = async (name?: string) => statesOf(connection, cells, await readRun(connection.redis, name))
  return { server, connection, cells, root, store, add, states }
}

type Queue = Awaited<ReturnType<typeof queueWith>>

/** Makes a cell of what was recorded once. */
async function recorded(folder: RunFolder, which = 'pass-6.1') {
  cpSync(join(RECORDED, which), folder.path, { recursive: true })
  return rejudge(folder.path)
}

/** A worker with a connection of its own, which makes cells in this way. */
async function workerOf(
  { server, store }: Queue,
  name: string,
  make: Maker['make'],
  options: Partial<WorkOptions> = {},
) {
  using connection = await Connection.open(server.address)
  await using cells = new Cells(connection.redis, TIERLAB)
  const notes: string[] = []
  await work(connection, cells, {
    ...{ tierlab: TIERLAB, name, store, signal: new AbortController().signal, until_empty: true },
    ...{ budget: { jobs: 1, memory_bytes: 1e12 }, stalled_ms: 30_000, maker: () => ({ make }), tidy: async () => {} },
    emit: (event) => event.type === 'note' && notes.push(event.sentence),
    ...options,
  })
  return notes
}

/** Something to be waited for. */
function gate() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

t.test('a cell is its content: added twice, and by another run, it is one', async (t) => {
  const queue = await queueWith(t, ['a', 'b'])
  t.same(await queue.add('night'), { cells: 2, added: 2, done: 0, skipped: 1 })
  t.same(await queue.add('night'), { cells: 2, added: 0, done: 0, skipped: 1 })
  t.same(await queue.add('other', ['b', 'c']), { cells: 2, added: 1, done: 0, skipped: 1 })
  await t.rejects(queue.add('night', ['c']), { message: /^There is a run night with other cells/ })
  t.match(await queue.add('fresh', ['a'], { manner: { ...manner, fresh: true } }), { added: 1 })
  t.match(
    await queue.add('often', ['a'], { repeat: 3 }),
    { cells: 3, added: 2 },
    'the first time is the one that there is',
  )
  await t.rejects(readRun(queue.connection.redis), { message: 'Name a run. There are: fresh, night, often, other.' })
  await t.rejects(readRun(queue.connection.redis, 'x'), { message: /^There is no run x\. There are: fresh/ })
  const made: string[] = []
  const make = async ({ scenario }: QueuedCell, folder: RunFolder) => {
    made.push(scenario.name)
    return recorded(folder)
  }
  await workerOf(queue, 'w', make)
  t.same(made.sort(), ['a', 'a', 'a', 'a', 'b', 'c'])
  t.same(await queue.add('later'), { cells: 2, added: 0, done: 2, skipped: 1 }, 'done already')
  t.same(countsOf(await queue.states('later')), {
    ...{ cells: 3, waiting: 0, active: 0, done: 2, failed: 0, lost: 0, skipped: 1, verdicts: { pass: 2 } },
  })
  t.equal(await removeRun(queue.connection, queue.cells, await readRun(queue.connection.redis, 'other')), 1)
  t.match(countsOf(await queue.states('later')), { done: 2 }, 'what another run has too stays')
})

t.test('collected, it is the folder of a run', async (t) => {
  const queue = await queueWith(t, ['a', 'must fail', 'never'])
  await queue.add('night')
  const make = ({ scenario }: QueuedCell, folder: RunFolder) => {
    if (scenario.name === 'never') throw new HostError('no')
    return recorded(folder, scenario.name === 'a' ? 'pass-6.1' : 'must-fail')
  }
  await t.rejects(
    workerOf(queue, 'w', async (...cell) => make(...cell)),
    new HostError('no'),
  )
  await t.resolves(
    workerOf(queue, 'v', (cell, folder) =>
      recorded(folder, cell.scenario.name === 'must fail' ? 'must-fail' : 'pass-6.1'),
    ),
    'the cell that w could not make was given back',
  )
  const out = join(queue.root, 'out')
  const run = await readRun(queue.connection.redis)
  await collectRun(queue.connection, run, await queue.states(), out)
  const told = await readRecorded(out)
  t.same(Object.fromEntries(told.results.map(({ cell, verdict }) => [cell.scenario.name, verdict.verdict])), {
    a: 'pass',
    'must fail': 'fail',
    never: 'pass',
    'for others': 'skip',
  })
  t.same(await mergeShards([out], join(queue.root, 'merged')), [])
  await t.rejects(collectRun(queue.connection, run, [], out), {
    message: /out is not empty: collect into a new folder/,
  })
  t.same(readdirSync(join(queue.store.root, 'queue')), [], 'no draft is left')
})

t.test('a cell that is taken over while its worker is only slow has one result: the first', async (t) => {
  const queue = await queueWith(t, ['a'])
  await queue.add('night')
  const [{ digest = '' } = {}] = await queue.states()
  const taken = gate()
  const goOn = gate()
  const make = async (_cell: QueuedCell, folder: RunFolder) => {
    taken.resolve()
    await goOn.promise
    return recorded(folder, 'must-fail')
  }
  const slow = workerOf(queue, 'slow', make, { stalled_ms: 500 })
  await taken.promise
  t.match(await queue.states(), [{ state: 'active', by: 'slow', since: /^20/ }, { state: 'skipped' }])
  // As when it was stopped for longer than its lock lives.
  await queue.connection.redis.del(`${PREFIX}:${queueName(TIERLAB)}:${digest}:lock`)
  const notes = await workerOf(queue, 'quick', (_cell, folder) => recorded(folder), { stalled_ms: 500 })
  t.match(notes, [/^a on image:.* is taken over from a worker that is not heard of any more\.$/])
  t.match(await queue.states(), [{ state: 'done', result: { verdict: 'pass', by: 'quick' }, later: [] }, {}])
  goOn.resolve()
  t.match((await slow).at(-1), /^a on image:.* was done by quick meanwhile \(pass\)\.$/)
  t.match(await queue.states(), [
    { state: 'done', result: { verdict: 'pass', by: 'quick' }, later: [{ verdict: 'fail', by: 'slow' }] },
  ])
})

t.test('a cell whose workers die one after another fails', async (t) => {
  const queue = await queueWith(t, ['a'])
  await queue.add('night')
  const [{ digest = '' } = {}] = await queue.states()
  const goOn = gate()
  const taken: string[] = []
  const workers = ['u', 'v', 'w', 'x'].map((name) => {
    const make = async (_cell: QueuedCell, folder: RunFolder) => {
      taken.push(name)
      await goOn.promise
      return recorded(folder)
    }
    return workerOf(queue, name, make, { stalled_ms: 300 })
  })
  let [state] = await queue.states()
  while (state?.state === 'waiting' || state?.state === 'active') {
    await queue.connection.redis.del(`${PREFIX}:${queueName(TIERLAB)}:${digest}:lock`)
    await new Promise((done) => setTimeout(done, 50))
    state = (await queue.states())[0]
  }
  t.match(state, { state: 'failed', reason: 'job stalled more than allowable limit' })
  t.equal(taken.length, 3, 'the fourth worker lives')
  goOn.resolve()
  await Promise.all(workers)
})

t.test('a cell that is broken is tried once more, and then is what it is', async (t) => {
  const queue = await queueWith(t, ['once', 'always'])
  await queue.add('night')
  let tries = 0
  await workerOf(queue, 'w', async ({ scenario }, folder) => {
    tries += 1
    const result = await recorded(folder)
    const broken = scenario.name === 'always' || tries <= 2
    return broken ? { ...result, verdict: { ...result.verdict, verdict: 'broken', reason: 'The host.' } } : result
  })
  t.match(countsOf(await queue.states()), { done: 2, failed: 0, verdicts: { pass: 1, broken: 1 } })
})

t.test('interrupted, a worker gives its cell back at once', async (t) => {
  const queue = await queueWith(t, ['a'])
  await queue.add('night')
  const interrupt = new AbortController()
  await workerOf(
    queue,
    'w',
    async (_cell, folder) => {
      interrupt.abort()
      return recorded(folder)
    },
    { signal: interrupt.signal },
  )
  t.match(await queue.states(), [{ state: 'waiting' }, { state: 'skipped' }])
  await workerOf(queue, 'v', (_cell, folder) => recorded(folder))
  t.match(await queue.states(), [{ state: 'done', result: { by: 'v' } }, {}])
})

t.test(
  'Redis is killed in the middle of a cell and started again: nothing is lost, and the worker goes on',
  async (t) => {
    const queue = await queueWith(t, ['a', 'b', 'c'])
    await queue.add('night')
    const made: string[] = []
    await workerOf(queue, 'w', async ({ scenario }, folder) => {
      made.push(scenario.name)
      if (made.length === 2) await queue.server.restart()
      return recorded(folder)
    })
    t.same(made.toSorted(), ['a', 'b', 'c'], 'each was made once')
    t.match(countsOf(await queue.states()), { done: 3, verdicts: { pass: 3 } })
  },
)

t.test('tierlab queue: what it says, and its exit status', async (t) => {
  const queue = await queueWith(t, ['a', 'must fail'])
  const tierlab = (...args: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
      const env = { ...process.env, TIERLAB_REDIS: queue.server.address, NO_COLOR: '1' }
      const child = execFile(process.execPath, [BIN, 'queue', ...args], { env }, (_e, stdout, stderr) =>
        done({ status: child.exitCode ?? -1, stdout, stderr }),
      )
    })
  t.match(await tierlab('status'), { status: 2, stderr: /^tierlab: Name a run\. “tierlab queue add” makes one\.$/m })
  await queue.add('night')
  t.match(await tierlab('status', '--wait', '0.1'), {
    status: 69,
    stdout: 'night: 2 waiting, 1 skipped\nworkers: none\n',
  })
  const out = join(queue.root, 'early')
  t.match(await tierlab('collect', '-o', out), {
    status: 69,
    stderr: /a on image:.* was not run\. must fail on .* was not run\./,
  })
  await workerOf(queue, 'w', (cell, folder) => recorded(folder, cell.scenario.name === 'a' ? 'pass-6.1' : 'must-fail'))
  const status = await tierlab('status', 'night', '--wait', '--json')
  t.equal(status.status, 1)
  t.match(JSON.parse(status.stdout), {
    ...{ run: 'night', tierlab: TIERLAB, workers: [], counts: { cells: 3, done: 2, verdicts: { pass: 1, fail: 1 } } },
    cells: [{ scenario: 'a', state: 'done', result: { by: 'w' } }, {}, { scenario: 'for others', state: 'skipped' }],
  })
  const whole = join(queue.root, 'whole')
  t.match(await tierlab('collect', 'night', '-o', whole), { status: 1, stdout: /1 pass, 1 fail, 1 skip\n$/ })
  t.ok(existsSync(join(whole, 'plan.json')))
  t.match(await tierlab('status', '--wait', 'soon'), {
    status: 2,
    stderr: /--wait takes a number of seconds, not “soon”/,
  })
  t.match(await tierlab('add', '--name', 'a/b'), { status: 2, stderr: /It is made of letters, digits/ })
  t.match(await tierlab('remove', 'night'), { status: 0, stdout: 'night: 2 of 3 cells taken out of the queue.\n' })
  const keys = await queue.connection.redis.keys(`${PREFIX}:*`)
  t.same(
    keys.filter((key) => /:(run|result|again):/.test(key)),
    [],
    'nothing of it is left',
  )
  t.match(await tierlab('status', '--redis', join(queue.root, 'nobody')), {
    status: 69,
    stderr: /^tierlab: No Redis answers/,
  })
})
