import { Interrupted, messageOf } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { BootPlan } from '../machine/virtual-machine.ts'
import { whyNotSaved } from '../topology/qemu-arguments.ts'
import {
  boot,
  bootedCheckpoint,
  type Checkpoint,
  DidNotBoot,
  type LiveGuest,
  type Origin,
  restore,
  type Walk,
  walkedCheckpoint,
} from './checkpoint.ts'
import type { MemoryMode } from './migrate.ts'

export interface StartedGuest extends LiveGuest {
  readonly start: 'boot' | 'restore'
  /** Why a guest that could have been restored was booted, or restored the slower way; empty when all went well. */
  readonly fallback: string
  /** Of the checkpoint it was restored from; null for a guest that has only booted. */
  readonly history: Json
}

/**
 * Starts guests: from a checkpoint of the same machine, kernel and image, which is made first where there is none; by a
 * boot where that is impossible. A way that has failed is not tried again for the same plan.
 */
export class Guests {
  readonly #origin: Origin
  readonly #fresh: boolean
  readonly #checkpoints = new Map<string, Promise<Checkpoint>>()
  readonly #failed = new Map<string, string>()

  constructor(origin: Origin, options: { readonly fresh: boolean }) {
    this.#origin = origin
    this.#fresh = options.fresh
  }

  /**
   * `folder` receives console.log. With a walk, the guest may have taken it already: then its history is the walk's.
   * Throws GuestLost when not even a boot succeeds, Interrupted when aborted.
   */
  async start(plan: BootPlan, folder: string, walk?: Walk): Promise<StartedGuest> {
    const never = whyNotSaved(plan.machine)
    const reasons = this.#fresh || never === null ? [] : [`No checkpoint: ${never}.`]
    for (const way of this.#fresh || never !== null ? [] : waysOf(plan, walk)) {
      const attempt = this.#failed.get(way.key) ?? (await this.#attempt(way, plan, folder))
      if (typeof attempt !== 'string') return { ...attempt, start: 'restore', fallback: reasons.join(' ') }
      reasons.push(attempt)
      if (attempt.startsWith(WORDS.boot)) break
    }
    return { ...(await boot(plan, folder, this.#origin)), start: 'boot', fallback: reasons.join(' '), history: null }
  }

  /** A restored guest, or the words for why there is none. */
  async #attempt(way: Way, plan: BootPlan, folder: string): Promise<(LiveGuest & { history: Json }) | string> {
    const { signal, log } = this.#origin
    try {
      const checkpoint = await this.#checkpoint(way, plan)
      return { ...(await restore(checkpoint, plan, folder, this.#origin)), history: checkpoint.history }
    } catch (error) {
      if (signal.aborted || error instanceof Interrupted) throw error
      const words = `${WORDS[error instanceof DidNotBoot ? 'boot' : way.name]}: ${messageOf(error).replaceAll(/\s+/g, ' ')}`
      this.#failed.set(way.key, words)
      log(words)
      return words
    }
  }

  /** Guests that start at the same time wait for one checkpoint. */
  #checkpoint({ key, mode, walk }: Way, plan: BootPlan): Promise<Checkpoint> {
    const known = this.#checkpoints.get(key)
    if (known) return known
    const make = async () => {
      if (walk === undefined) return bootedCheckpoint(plan, mode, this.#origin)
      const [booted] = waysOf(plan)
      return walkedCheckpoint(await this.#checkpoint(booted, plan), walk, plan, this.#origin)
    }
    const made = make()
    this.#checkpoints.set(key, made)
    return made
  }
}

/** A way to start a guest, from the fastest on. */
interface Way {
  readonly name: 'walk' | MemoryMode
  readonly mode: MemoryMode
  readonly key: string
  readonly walk?: Walk
}

function waysOf(plan: BootPlan, walk?: Walk): [Way, ...Way[]] {
  const booted = (mode: MemoryMode): Way => ({ name: mode, mode, key: JSON.stringify([mode, plan]) })
  const ways: [Way, Way] = [booted('files'), booted('stream')]
  if (walk === undefined) return ways
  return [{ name: 'walk', mode: 'files', key: JSON.stringify(['walk', walk.key, plan]), walk }, ...ways]
}

const WORDS = {
  walk: 'No restore behind the steps that several scenarios share',
  files: 'No restore with memory in files',
  stream: 'No restore with memory in the stream',
  boot: 'No checkpoint, because the guest did not boot',
}
