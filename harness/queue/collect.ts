import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { HostError, messageOf, TierlabError, UsageError } from '../base/errors.ts'
import { writePlan } from '../run/plan-file.ts'
import type { Connection } from './connection.ts'
import { receiveRun } from './result.ts'
import type { QueuedRun } from './run.ts'
import type { PlannedState } from './state.ts'
import { RECORD } from './work.ts'

/**
 * Writes a run to a new folder as `tierlab run --shard 1/1` would have left it: a plan, and the records of cells that are
 * done. Throws UsageError for a folder that holds something, HostError when it cannot be written.
 */
export async function collectRun(
  { redis }: Connection,
  run: QueuedRun,
  states: readonly PlannedState[],
  out: string,
): Promise<void> {
  if ((await readdir(out).catch(() => [])).length > 0)
    throw new UsageError(`${out} is not empty: collect into a new folder.`)
  const scratch = await mkdtemp(join(tmpdir(), 'tierlab-queue-'))
  try {
    await mkdir(out, { recursive: true })
    for (const [index, one] of states.entries()) {
      if (one.state !== 'done') continue
      const [from, to] = [join(scratch, String(index)), join(out, one.cell.folder)]
      await receiveRun(redis, one.result, from)
      await mkdir(dirname(to), { recursive: true })
      for (const name of await readdir(from))
        await cp(join(from, name), `${to}${name.slice(RECORD.length)}`, { recursive: true })
    }
  } catch (cause) {
    if (cause instanceof TierlabError) throw cause
    throw new HostError(`The run cannot be written to ${out} (${messageOf(cause)}).`, { cause })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  // Last: a folder without a plan is no whole run.
  await writePlan(out, run.plan)
}
