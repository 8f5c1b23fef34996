import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, WaitingError, Worker } from 'bullmq'
import { forgetUses } from '../base/in-use.ts'
import { type Store, sweepDrafts } from '../base/store.ts'
import { type Budget, memoryCost } from '../run/budget.ts'
import type { Emit } from '../run/events.ts'
import { RunFolder } from '../run/run-folder.ts'
import { QueuedCell } from './cell.ts'
import type { Cells } from './cells.ts'
import type { Connection } from './connection.ts'
import type { Maker } from './make.ts'
import { PREFIX, queueName } from './names.ts'
import { keepResult, resultOf } from './result.ts'
import { Room } from './room.ts'

export interface WorkOptions {
  readonly tierlab: string
  /** Of this machine; BullMQ shows it with what it does. */
  readonly name: string
  readonly store: Store
  readonly signal: AbortSignal
  readonly emit: Emit
  /** What makes cells; a new one after each time that there was nothing to do. The signal tells it to end. */
  readonly maker: (signal: AbortSignal) => Pick<Maker, 'make'>
  readonly budget: Budget
  /** A worker that has not been heard of for so long is taken for dead, and its cell is taken over. */
  readonly stalled_ms: number
  /** Ends when no cell waits and none runs, here or elsewhere. */
  readonly until_empty: boolean
  /** Called when there is nothing to do: what was used is not in use any more. */
  readonly tidy: () => Promise<void>
}

/** A cell is taken over so often; when its worker dies once more, it fails. */
const TAKEOVERS = 2
/** So often it is looked whether the queue is empty. */
const LOOK_MS = 500

/** So often it is looked whether there is nothing to do. */
const TIDY_MS = 30_000

/** In the folder of a cell: its record, and for --verify-restore the one of the guest that booted beside it. */
export const RECORD = 'run'

/**
 * Takes cells and makes them, several at once, until it is interrupted, or until there are none. BullMQ renews the lock of
 * each cell meanwhile; interrupted, it gives back what it has not finished. Throws HostError when this machine cannot
 * make cells, or Redis is gone.
 */
export async function work(connection: Connection, cells: Cells, options: WorkOptions): Promise<void> {
  const leave = new AbortController()
  const signal = AbortSignal.any([options.signal, leave.signal])
  const bench = new WorkBench(connection, { ...options, signal })
  const { stalled_ms, budget } = options
  const worker = new Worker<QueuedCell>(
    queueName(options.tierlab),
    async (job, token) => {
      try {
        await bench.process(job)
      } catch (error) {
        if (error instanceof CannotWork) leave.abort(error.cause)
        // What was interrupted has failed for that.
        if (signal.aborted) return await giveBack(job, token)
        throw error
      }
    },
    {
      ...{ connection: connection.redis, prefix: PREFIX, name: options.name, autorun: false },
      ...{ concurrency: budget.jobs, maxStalledCount: TAKEOVERS },
      ...{ lockDuration: stalled_ms, stalledInterval: stalled_ms },
    },
  )
  // Where the connection is gone for good, it says so itself; until then BullMQ tries again.
  worker.on('error', () => {})
  const tidying = setInterval(() => void bench.tidy().catch(() => {}), TIDY_MS).unref()
  const over = options.until_empty ? untilEmpty(cells, bench, signal) : untilAborted(signal)
  try {
    await sweepDrafts(join(options.store.root, SCRATCH))
    const running = worker.run()
    running.catch(() => {})
    await connection.during(Promise.race([over, running]))
  } catch (error) {
    leave.abort(error)
  } finally {
    const ended = worker.close().catch(() => {})
    await connection.during(ended).catch(() => {})
    await bench.ended()
    clearInterval(tidying)
  }
  if (leave.signal.aborted) throw connection.gone ?? leave.signal.reason
  if (!signal.aborted) await options.tidy()
}

/** Ends a worker: nothing of this machine is any good for cells. */
class CannotWork extends Error {}

function cannotWork(cause: unknown): never {
  throw new CannotWork('This worker cannot work.', { cause })
}

const SCRATCH = 'queue'

/** What one worker has at hand. */
class WorkBench {
  readonly #connection: Connection
  readonly #options: WorkOptions
  readonly #room: Room
  readonly #running = new Set<Promise<void>>()
  #maker: Pick<Maker, 'make'>
  #tidying: Promise<void> = Promise.resolve()
  #used = false

  constructor(connection: Connection, options: WorkOptions) {
    this.#connection = connection
    this.#options = options
    this.#room = new Room(options.budget.memory_bytes)
    this.#maker = options.maker(options.signal)
  }

  /** Makes the cell of a job and keeps its result. */
  async process(job: Job<QueuedCell>): Promise<void> {
    const done = this.#process(job)
    this.#running.add(done)
    await done.finally(() => this.#running.delete(done))
  }

  get idle(): boolean {
    return this.#running.size === 0
  }

  /** Fulfilled when no guest of this worker runs any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  /** Where nothing is to be done, nothing is in use. */
  async tidy(): Promise<void> {
    if (!this.idle || !this.#used) return
    this.#used = false
    this.#maker = this.#options.maker(this.#options.signal)
    this.#tidying = forgetUses(this.#options.store.root).then(this.#options.tidy)
    await this.#tidying
  }

  async #process(job: Job<QueuedCell>): Promise<void> {
    await this.#tidying
    this.#used = true
    const { redis } = this.#connection
    const { emit, signal, store, name } = this.#options
    const cell = QueuedCell.parse(job.data)
    const digest = job.id ?? ''
    if ((await resultOf(redis, digest)) !== undefined) return
    const subject = `${cell.scenario.name} on ${cell.kernel.name}`
    if (job.stalledCounter > 0)
      emit({ type: 'note', sentence: `${subject} is taken over from a worker that is not heard of any more.` })
    const scratch = join(store.root, SCRATCH, `.draft-${process.pid}-${randomBytes(6).toString('hex')}`)
    try {
      const folder = new RunFolder(join(scratch, RECORD))
      await mkdir(folder.path, { recursive: true })
      const make = () => {
        signal.throwIfAborted()
        return this.#maker.make(cell, folder)
      }
      const result = await this.#room.during(memoryCost(cell.scenario.machine), make).catch(cannotWork)
      signal.throwIfAborted()
      emit({ type: 'end', result })
      const { verdict, reason } = result.verdict
      // It may be this machine: another one, or another time, may tell.
      if (verdict === 'broken' && job.attemptsMade + 1 < (job.opts.attempts ?? 1)) throw new Error(reason)
      const facts = {
        verdict,
        reason,
        total_ms: result.timings_ms.total,
        by: name,
        at: new Date().toISOString(),
      }
      const { first, mine } = await keepResult(redis, digest, scratch, facts).catch(cannotWork)
      if (mine) return
      emit({ type: 'note', sentence: `${subject} was done by ${first.by} meanwhile (${first.verdict}).` })
    } finally {
      await rm(scratch, { recursive: true, force: true }).catch(() => {})
    }
  }
}

/** The cell waits for another worker, as if nobody had taken it. Always throws, which is how BullMQ is told. */
async function giveBack(job: Job<QueuedCell>, token: string | undefined): Promise<never> {
  // Where Redis is gone, or the cell is another's by now, it is not ours to give.
  await job.moveToWait(token).catch(() => {})
  throw new WaitingError()
}

async function untilEmpty({ queue }: Cells, bench: WorkBench, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
    const left = Object.values(counts).reduce((sum, count) => sum + count, 0)
    if (left === 0 && bench.idle) return
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    signal.addEventListener('abort', () => done(), { once: true })
  })
}

/** Names a worker: its machine and process. */
export function workerName(): string {
  return `${hostname()}:${process.pid}`
}
