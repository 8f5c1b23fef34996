import { messageOf } from '../base/errors.ts'
import { Cells } from '../queue/cells.ts'
import { collectRun } from '../queue/collect.ts'
import { readRun } from '../queue/run.ts'
import { statesOf } from '../queue/state.ts'
import type { Wish } from '../report/format.ts'
import { reportFor } from '../report/report.ts'
import { type QueueOptions, withQueue } from './open-queue.ts'
import { tellRecorded } from './tell-recorded.ts'

export interface QueueCollectOptions extends QueueOptions {
  readonly out: string
  readonly format?: readonly Wish[]
}

/** `tierlab queue collect`: a folder as a run leaves it, and its report, with all that was planned and is not there. */
export async function queueCollectCommand(name: string | undefined, options: QueueCollectOptions): Promise<number> {
  const { out, format = [], verbose = false } = options
  const report = reportFor(format, { out: process.stdout, err: process.stderr, verbose })
  const note = (sentence: string) => report.event({ type: 'note', sentence })
  try {
    await withQueue(options, async ({ connection }) => {
      const run = await readRun(connection.redis, name)
      await using cells = new Cells(connection.redis, run.tierlab)
      const states = await statesOf(connection, cells, run)
      await collectRun(connection, run, states, out)
      for (const { cell, ...one } of states) {
        const subject = `${cell.scenario} on ${cell.kernel.name}`
        if (one.state === 'failed') note(`${subject} failed: ${one.reason}`)
        if (one.state !== 'done') continue
        const other = one.later.find(({ verdict }) => verdict !== one.result.verdict)
        if (other) note(`${subject} was made twice: ${one.result.verdict}, which counts, and ${other.verdict}.`)
      }
    })
    return await tellRecorded(out, report)
  } catch (error) {
    report.event({ type: 'stop', sentence: messageOf(error) })
    throw error
  } finally {
    report.close()
  }
}
