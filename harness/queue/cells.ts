import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { QueuedCell } from './cell.ts'
import { PREFIX, queueName } from './names.ts'

/** BullMQ's queue of the cells for one tierlab. A cell's digest is the number of its job. */
export class Cells implements AsyncDisposable {
  readonly queue: Queue<QueuedCell>

  constructor(redis: Redis, tierlab: string) {
    this.queue = new Queue(queueName(tierlab), { connection: redis, prefix: PREFIX })
    // A Redis that goes away is noticed by the connection, which says so in words.
    this.queue.on('error', () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue.close().catch(() => {})
  }
}
