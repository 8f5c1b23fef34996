import type { PlanFile } from '../run/plan-file.ts'
import type { VerdictName } from '../run/verdict.ts'
import type { Cells } from './cells.ts'
import type { Connection } from './connection.ts'
import { laterResults, type Result, resultOf } from './result.ts'
import type { QueuedRun } from './run.ts'

/** What has become of a cell of a run so far. `lost`: the queue knows nothing of it. */
export type CellState =
  | { readonly state: 'skipped' | 'waiting' | 'lost' }
  | { readonly state: 'active'; readonly by: string; readonly since: string }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'done'; readonly result: Result; readonly later: readonly Result[] }

export type PlannedState = CellState & { readonly cell: PlanFile['cells'][number]; readonly digest: string | null }

/** All cells of a run, in the order of its plan. */
export async function statesOf(connection: Connection, cells: Cells, run: QueuedRun): Promise<PlannedState[]> {
  return Promise.all(
    run.plan.cells.map(async (cell, index) => {
      const digest = run.digests[index] ?? null
      return { ...(await stateOf(connection, cells, digest)), cell, digest }
    }),
  )
}

async function stateOf({ redis }: Connection, { queue }: Cells, digest: string | null): Promise<CellState> {
  if (digest === null) return { state: 'skipped' }
  // The state first: what a job has when it comes to a state, its reason or its result, is there when that is read.
  const state = await queue.getJobState(digest)
  const result = await resultOf(redis, digest)
  if (result !== undefined) return { state: 'done', result, later: await laterResults(redis, digest) }
  const job = await queue.getJob(digest)
  if (job === undefined || state === 'unknown' || state === 'completed') return { state: 'lost' }
  if (state === 'failed') return { state: 'failed', reason: job.failedReason }
  if (state !== 'active') return { state: 'waiting' }
  return { state, by: job.processedBy ?? '', since: new Date(job.processedOn ?? 0).toISOString() }
}

/** Whether nothing of a run is to be expected any more. */
export function isOver(states: readonly CellState[]): boolean {
  return !states.some(({ state }) => state === 'waiting' || state === 'active')
}

/** How many cells there are of each state, and of those that are done, of each verdict. */
export function countsOf(states: readonly CellState[]) {
  const count = (wanted: CellState['state']) => states.filter(({ state }) => state === wanted).length
  const verdicts: Partial<Record<VerdictName, number>> = {}
  for (const one of states)
    if (one.state === 'done') verdicts[one.result.verdict] = (verdicts[one.result.verdict] ?? 0) + 1
  return {
    ...{ cells: states.length, waiting: count('waiting'), active: count('active'), done: count('done') },
    ...{ failed: count('failed'), lost: count('lost'), skipped: count('skipped'), verdicts },
  }
}
