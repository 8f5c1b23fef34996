import { Interrupted } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { Maker } from '../queue/make.ts'
import { allRuns } from '../queue/run.ts'
import { TravellingStore } from '../queue/travelling-store.ts'
import { work, workerName } from '../queue/work.ts'
import { Progress } from '../report/progress.ts'
import { styleFor } from '../report/style.ts'
import { budgetOf, type Jobs } from '../run/budget.ts'
import type { Event } from '../run/events.ts'
import { cacheBound, keepWithinBound } from './cache-command.ts'
import { EXIT } from './exit-status.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import { Interrupt } from './interrupt.ts'
import { type QueueOptions, withQueue } from './open-queue.ts'

export interface QueueWorkOptions extends QueueOptions {
  readonly jobs: Jobs
  readonly accel: AcceleratorWish
  readonly untilEmpty?: boolean
  /** Seconds. */
  readonly stalled: number
  /** Bytes. */
  readonly checkpoints: number
}

/** `tierlab queue work`. A line for each cell that is done; what came of it is for “queue status” to say. */
export async function queueWorkCommand(options: QueueWorkOptions): Promise<number> {
  const { jobs, accel, untilEmpty = false, stalled, checkpoints, verbose = false } = options
  requirePrograms(NEEDS.guest)
  const bound = cacheBound()
  using interrupt = new Interrupt()
  // Of no terminal: how many runs there will be, nobody knows.
  const progress = new Progress({ write: (text) => process.stdout.write(text) }, styleFor(process.stdout), verbose)
  const log = (sentence: string) => progress.event({ type: 'note', sentence })
  const working = withQueue(options, async ({ connection, cells, tierlab }) => {
    const store = new TravellingStore({ redis: connection.redis, limit_bytes: checkpoints, log })
    const emit = (event: Event) => progress.event(event)
    const name = workerName()
    log(`Worker ${name} of tierlab ${tierlab.slice(0, 16)} takes cells.`)
    for (const run of await allRuns(connection.redis))
      if (run.tierlab !== tierlab)
        log(`The run ${run.name} is for another tierlab (${run.tierlab.slice(0, 16)}): its cells wait for that.`)
    await work(connection, cells, {
      ...{ tierlab, name, store, emit, signal: interrupt.signal, budget: await budgetOf(jobs) },
      ...{ stalled_ms: stalled * 1000, until_empty: untilEmpty },
      maker: (signal) => new Maker({ redis: connection.redis, store, accel, signal, emit }),
      tidy: async () => {
        await store.settled()
        const pruned = await keepWithinBound(new Store(), bound)
        if (pruned !== undefined) log(pruned)
      },
    })
  })
  await interrupt.during(working)
  if (interrupt.signal.aborted) throw new Interrupted('Interrupted.')
  return EXIT.passed
}
