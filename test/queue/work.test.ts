import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { HostError } from '../../harness/base/errors.ts'
import type { QueuedCell } from '../../harness/queue/cell.ts'
import { collectRun } from '../../harness/queue/collect.ts'
import { PREFIX, queueName } from '../../harness/queue/names.ts'
import { removeRun } from '../../harness/queue/remove.ts'
import { Room } from '../../harness/queue/room.ts'
import { readRun } from '../../harness/queue/run.ts'
import { countsOf } from '../../harness/queue/state.ts'
import { mergeShards } from '../../harness/run/merge.ts'
import { readRecorded } from '../../harness/run/recorded.ts'
import type { RunFolder } from '../../harness/run/run-folder.ts'
import { manner, queueWith, recorded, TIERLAB, workerOf } from './some-queue.ts'

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

t.test('cells share memory: who finds too little waits, in its turn, and one alone has room', async (t) => {
  const room = new Room(10)
  const seen: string[] = []
  const enter = (name: string, bytes: number) => {
    const { promise, resolve } = gate()
    const done = room.during(bytes, async () => {
      seen.push(name)
      await promise
    })
    return { resolve, done }
  }
  const [six, eight, two] = [enter('six', 6), enter('eight', 8), enter('two', 2)]
  await new Promise(setImmediate)
  t.same(seen, ['six'])
  six.resolve()
  await six.done
  await new Promise(setImmediate)
  t.same(seen, ['six', 'eight', 'two'])
  const huge = enter('huge', 99)
  eight.resolve()
  two.resolve()
  await Promise.all([eight.done, two.done])
  huge.resolve()
  await huge.done
  t.equal(seen.at(-1), 'huge')
})
