import type { Redis } from 'ioredis'
import { messageOf } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { type Entry, hashOf, type Repair, Store } from '../base/store.ts'
import { KIND } from '../checkpoint/checkpoint.ts'
import { sendEntry, sentBytes, sentEntry } from './entries.ts'
import { receiveFolder } from './folder.ts'
import { KEEP_S } from './names.ts'

/**
 * This machine's cache, but a checkpoint that it lacks may come from another worker, and what it has may go to one. A
 * checkpoint's key has the build of QEMU and the arguments of the guest: under the same key it is as good as one's own.
 */
export class TravellingStore extends Store {
  readonly #redis: Redis
  readonly #limit_bytes: number
  readonly #log: (sentence: string) => void
  readonly #seen = new Map<string, Promise<void>>()
  #full = false

  constructor(options: {
    readonly redis: Redis
    /** What Redis may hold of checkpoints; with 0 none travels. */
    readonly limit_bytes: number
    readonly log: (sentence: string) => void
    readonly root?: string
  }) {
    super(options.root)
    this.#redis = options.redis
    this.#limit_bytes = options.limit_bytes
    this.#log = options.log
  }

  override async entry(
    kind: string,
    key: Json,
    build: (draft: string) => Promise<void>,
    repair?: Repair,
  ): Promise<Entry> {
    if (kind !== KIND || this.#limit_bytes === 0) return super.entry(kind, key, build, repair)
    const make = async (draft: string) => {
      if (!(await this.#receive(key, draft))) await build(draft)
    }
    const entry = await super.entry(kind, key, make, repair)
    const { hash } = entry
    // No guest waits for it to be sent.
    if (!this.#seen.has(hash)) this.#seen.set(hash, this.#send(hash))
    return entry
  }

  /** Fulfilled when all is sent that was to be. */
  async settled(): Promise<void> {
    await Promise.all(this.#seen.values())
  }

  async #receive(key: Json, draft: string): Promise<boolean> {
    const hash = hashOf(key)
    try {
      const sent = await sentEntry(this.#redis, KIND, hash)
      if (sent === undefined || hashOf(sent.key) !== hash) return false
      await receiveFolder(this.#redis, sent.sha256, draft)
      this.#log(`A checkpoint came from another worker (${Math.ceil(sent.bytes / 1024 ** 2)} MiB).`)
      return true
    } catch (error) {
      this.#log(`A checkpoint did not come from another worker, and is made here: ${messageOf(error)}`)
      return false
    }
  }

  /** A checkpoint that is not sent costs others a boot, and nothing else. */
  async #send(hash: string): Promise<void> {
    try {
      if (this.#full || (await sentEntry(this.#redis, KIND, hash)) !== undefined) return
      this.#full = (await sentBytes(this.#redis, KIND)) >= this.#limit_bytes
      if (!this.#full) await sendEntry(this.#redis, this, { kind: KIND, hash, keep_s: KEEP_S.checkpoint })
    } catch (error) {
      this.#log(`A checkpoint could not be sent: ${messageOf(error)}`)
    }
  }
}
