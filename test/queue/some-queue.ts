import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Store } from '../../harness/base/store.ts'
import { dram, GiB, machine, scenario, shows } from '../../harness/index.ts'
import { addRun } from '../../harness/queue/add.ts'
import { Cells } from '../../harness/queue/cells.ts'
import { Connection } from '../../harness/queue/connection.ts'
import { identityOfTierlab } from '../../harness/queue/identity.ts'
import type { Maker } from '../../harness/queue/make.ts'
import { readRun } from '../../harness/queue/run.ts'
import { statesOf } from '../../harness/queue/state.ts'
import { type WorkOptions, work } from '../../harness/queue/work.ts'
import { rejudge } from '../../harness/run/rejudge.ts'
import type { RunFolder } from '../../harness/run/run-folder.ts'
import { bzImage } from '../kernels/fixtures.ts'
import { RedisServer } from './redis-server.ts'

const RECORDED = resolve(import.meta.dirname, '../recorded')
export const TIERLAB = await identityOfTierlab()
export const manner = { fresh: false, verify_restore: false, known_issues: true }

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
export async function queueWith(
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

export type Queue = Awaited<ReturnType<typeof queueWith>>

/** Makes a cell of what was recorded once. */
export async function recorded(folder: RunFolder, which = 'pass-6.1') {
  cpSync(join(RECORDED, which), folder.path, { recursive: true })
  return rejudge(folder.path)
}

/** A worker with a connection of its own, which makes cells in this way. */
export async function workerOf(
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
