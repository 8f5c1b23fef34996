import { Cells } from '../queue/cells.ts'
import { Connection, redisAddress } from '../queue/connection.ts'
import { identityOfTierlab } from '../queue/identity.ts'

export interface QueueOptions {
  readonly redis?: string
  readonly verbose?: boolean
}

export interface OpenQueue {
  readonly connection: Connection
  /** Those for this very tierlab. */
  readonly cells: Cells
  readonly tierlab: string
}

/** Does something with the queue; what it holds open is closed then. Throws HostError when Redis does not answer. */
export async function withQueue<T>({ redis }: QueueOptions, use: (queue: OpenQueue) => Promise<T>): Promise<T> {
  using connection = await Connection.open(redisAddress(redis))
  const tierlab = await identityOfTierlab()
  await using cells = new Cells(connection.redis, tierlab)
  return await connection.during(use({ connection, cells, tierlab }))
}
