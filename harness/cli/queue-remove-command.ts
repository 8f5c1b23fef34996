import { Cells } from '../queue/cells.ts'
import { removeRun } from '../queue/remove.ts'
import { readRun } from '../queue/run.ts'
import { EXIT } from './exit-status.ts'
import { type QueueOptions, withQueue } from './open-queue.ts'

/** `tierlab queue remove`. */
export async function queueRemoveCommand(name: string, options: QueueOptions): Promise<number> {
  return withQueue(options, async ({ connection }) => {
    const run = await readRun(connection.redis, name)
    await using cells = new Cells(connection.redis, run.tierlab)
    const removed = await removeRun(connection, cells, run)
    process.stdout.write(`${name}: ${removed} cells taken out of the queue.\n`)
    return EXIT.passed
  })
}
