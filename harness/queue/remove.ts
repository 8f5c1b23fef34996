import type { Cells } from './cells.ts'
import type { Connection } from './connection.ts'
import { forgetResult } from './result.ts'
import { allRuns, forgetRun, type QueuedRun } from './run.ts'

/**
 * Takes a run out of the queue: its cells and their results, but for those that another run has too. Cells that are being
 * made are left to their workers. Resolves to how many cells were taken out.
 */
export async function removeRun({ redis }: Connection, { queue }: Cells, run: QueuedRun): Promise<number> {
  const others = (await allRuns(redis)).filter(({ name }) => name !== run.name)
  const needed = new Set(others.flatMap(({ digests }) => digests))
  let removed = 0
  for (const digest of new Set(run.digests)) {
    if (digest === null || needed.has(digest)) continue
    const job = await queue.getJob(digest)
    // BullMQ refuses to take away what is locked.
    await job?.remove().catch(() => {})
    await forgetResult(redis, digest)
    removed += 1
  }
  await forgetRun(redis, run.name)
  return removed
}
