import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/**
 * Parts of the page that are unpacked only when they are looked at: JSON, compressed, as base64. What is the same is
 * kept once: guests that were restored from one checkpoint share the log of its boot.
 */
export class Chunks {
  readonly #numbers = new Map<string, number>()
  readonly packed: string[] = []

  /** The number under which the page finds it again. */
  add(value: unknown): number {
    const text = JSON.stringify(value)
    const key = createHash('sha256').update(text).digest('base64')
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.packed.length)
    this.packed.push(gzipSync(text, { level: 9 }).toString('base64'))
    return this.packed.length - 1
  }
}
