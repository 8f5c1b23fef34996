import { resolveKernel } from '../../kernels/index.ts'
import type { Store } from '../base/store.ts'
import type { Era } from '../model/eras.ts'
import { Durations, longestFirst } from '../run/durations.ts'
import type { Cell } from '../run/events.ts'
import { foldersFor } from '../run/folders.ts'
import { type LoadedScenario, plan, repeated, skipReason } from '../run/plan.ts'
import { planFile } from '../run/plan-file.ts'
import { RecordedScenario } from '../run/record.ts'
import { sharedBeginnings } from '../run/shared-beginning.ts'
import { checkCell } from '../run/suite.ts'
import { digestOf, type Manner, type QueuedCell } from './cell.ts'
import type { Cells } from './cells.ts'
import type { Connection } from './connection.ts'
import { sendKernel } from './kernel.ts'
import { KEEP_S } from './names.ts'
import { resultOf } from './result.ts'
import { keepRun } from './run.ts'

export interface AddOptions {
  readonly name: string
  readonly tierlab: string
  readonly store: Store
  readonly scenarios: readonly LoadedScenario[]
  readonly kernels: readonly string[]
  readonly era?: Era
  readonly repeat: number
  readonly manner: Manner
  readonly log: (sentence: string) => void
}

export interface Added {
  /** Cells of the run that are not skipped. */
  readonly cells: number
  /** Of these, those that were not known: nobody waits for them, runs them or has run them. */
  readonly added: number
  /** Of these, those that have a result already. */
  readonly done: number
  readonly skipped: number
}

/** How often a cell that is broken on one machine is tried. */
const ATTEMPTS = 2

/**
 * Adds a run: a job for each cell, the longest first, numbered by its content. What is known already is not added again,
 * whichever run it came with. Throws UsageError for another run of that name.
 */
export async function addRun({ redis }: Connection, cells: Cells, options: AddOptions): Promise<Added> {
  const { name, tierlab, store, log, manner } = options
  const kernels = []
  for (const spec of options.kernels) kernels.push(await resolveKernel(spec, { store, log }))
  const once = plan(options.scenarios, kernels, options.era)
  once.forEach(checkCell)
  const all = repeated(once, options.repeat)
  const beginnings = sharedBeginnings(once)
  const sent = new Map<string, QueuedCell['kernel']>()
  for (const kernel of kernels) sent.set(kernel.hash, await sendKernel(redis, store, kernel))
  const queued = all.map((cell, index): QueuedCell | null => {
    const kernel = sent.get(cell.kernel.hash)
    if (kernel === undefined || skipReason(cell) !== null) return null
    const shared = beginnings.get(once[index % once.length] ?? cell) ?? 0
    return {
      ...{ tierlab, scenario: RecordedScenario.parse(cell.scenario), file: cell.file, kernel, era: cell.era.name },
      ...(cell.repetition !== undefined && { repetition: cell.repetition }),
      ...{ shared, manner },
    }
  })
  const digests = queued.map((cell) => cell && digestOf(cell))
  const shard = { index: 1, of: 1 }
  const whole = planFile(
    all,
    all.map(() => 1),
    foldersFor(all),
    shard,
  )
  await keepRun(redis, { name, tierlab, added_at: new Date().toISOString(), plan: whole, digests })
  const order = longestFirst(all, await Durations.read(store))
  const wanted = new Map<string, QueuedCell>()
  for (const cell of order) {
    const [digest, data] = [digests[all.indexOf(cell)], queued[all.indexOf(cell)]]
    if (digest && data) wanted.set(digest, data)
  }
  let [added, done] = [0, 0]
  for (const [digest, data] of wanted) {
    if ((await resultOf(redis, digest)) !== undefined) done += 1
    else if (await enqueue(cells, digest, data)) added += 1
  }
  return { cells: wanted.size, added, done, skipped: skippedOf(all) }
}

/** False when it waits or runs already. What failed, or has lost its result, is tried anew. */
async function enqueue({ queue }: Cells, digest: string, data: QueuedCell): Promise<boolean> {
  const known = await queue.getJob(digest)
  const state = await known?.getState()
  if (known && state !== 'failed' && state !== 'completed' && state !== 'unknown') return false
  await known?.remove()
  const age = { age: KEEP_S.run }
  const options = { jobId: digest, attempts: ATTEMPTS, removeOnComplete: age, removeOnFail: age }
  await queue.add(data.scenario.name, data, options)
  return true
}

function skippedOf(cells: readonly Cell[]): number {
  return cells.filter((cell) => skipReason(cell) !== null).length
}
