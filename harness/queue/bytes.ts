import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Redis } from 'ioredis'
import { hashFile } from '../base/digest.ts'
import { ProtocolError } from '../base/errors.ts'
import { MiB } from '../base/size.ts'
import { bytesKey } from './names.ts'

/** Redis serves others between two pieces. */
const PIECE_BYTES = 4 * MiB

export interface Sent {
  /** Names the bytes, in hex. */
  readonly sha256: string
  readonly bytes: number
}

/** Puts a file into Redis under its digest, for so many seconds; what is there already is kept for longer. */
export async function sendFile(redis: Redis, path: string, keep_s: number): Promise<Sent> {
  const sha256 = await hashFile(path)
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const pieces = Math.ceil(size / PIECE_BYTES)
    for (let piece = 0; piece < pieces; piece += 1) {
      const key = bytesKey(sha256, piece)
      if (await redis.expire(key, keep_s)) continue
      const length = Math.min(PIECE_BYTES, size - piece * PIECE_BYTES)
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, piece * PIECE_BYTES)
      await redis.set(key, buffer, 'EX', keep_s)
    }
    // Last: what has no head is not whole.
    await redis.set(bytesKey(sha256), pieces, 'EX', keep_s)
    return { sha256, bytes: size }
  } finally {
    await file.close()
  }
}

/** Writes what Redis holds under a digest to a file. Throws ProtocolError when that is not all, or something else. */
export async function receiveFile(redis: Redis, sha256: string, path: string): Promise<void> {
  const pieces = await redis.get(bytesKey(sha256))
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  try {
    for (let piece = 0; piece < Number(pieces); piece += 1) {
      const bytes = await redis.getBuffer(bytesKey(sha256, piece))
      if (bytes === null) break
      hash.update(bytes)
      await file.write(bytes)
    }
  } finally {
    await file.close()
  }
  if (pieces === null || hash.digest('hex') !== sha256)
    throw new ProtocolError(
      `Redis ${pieces === null ? 'no longer has' : 'has something else than'} ${sha256.slice(0, 12)}…: it was ` +
        'altered, or has expired. “tierlab queue add” sends it again.',
    )
}

/** Keeps bytes for so many seconds from now; false when Redis does not have all of them. */
export async function keepBytes(redis: Redis, sha256: string, keep_s: number): Promise<boolean> {
  const pieces = await redis.get(bytesKey(sha256))
  if (pieces === null) return false
  for (let piece = 0; piece < Number(pieces); piece += 1)
    if (!(await redis.expire(bytesKey(sha256, piece), keep_s))) return false
  return (await redis.expire(bytesKey(sha256), keep_s)) === 1
}

/** Takes bytes out of Redis. */
export async function forgetBytes(redis: Redis, sha256: string): Promise<void> {
  const pieces = Number(await redis.get(bytesKey(sha256)))
  await redis.del(bytesKey(sha256), ...Array.from({ length: pieces }, (_, piece) => bytesKey(sha256, piece)))
}
