/** What lies in Redis, and under which names. Everything begins with `tierlab:`, BullMQ's own as well. */
export const PREFIX = 'tierlab'

/** A run: its plan, and which of its cells are which. */
export function runKey(name: string): string {
  return `${PREFIX}:run:${name}`
}

/** The first result of a cell. */
export function resultKey(digest: string): string {
  return `${PREFIX}:result:${digest}`
}

/** Later results of a cell: a list. */
export function againKey(digest: string): string {
  return `${PREFIX}:again:${digest}`
}

/** Bytes by their SHA-256: how many pieces there are, and each piece. */
export function bytesKey(sha256: string, piece?: number): string {
  return `${PREFIX}:bytes:${sha256}${piece === undefined ? '' : `:${piece}`}`
}

/** Which bytes are an entry of the cache. */
export function entryKey(kind: string, hash: string): string {
  return `${PREFIX}:entry:${kind}:${hash}`
}

/** BullMQ's queue of the cells for one tierlab: another one, that judges otherwise, does not take them. */
export function queueName(tierlab: string): string {
  return `cells-${tierlab.slice(0, 16)}`
}

/** How long things are kept: seconds. A checkpoint is made again in some, so it goes first. */
export const KEEP_S = { run: 14 * 24 * 3600, checkpoint: 24 * 3600 } as const
