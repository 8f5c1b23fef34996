import type { Redis } from 'ioredis'
import { HostError, Interrupted, messageOf } from '../base/errors.ts'
import type { Store } from '../base/store.ts'
import { Guests } from '../checkpoint/guests.ts'
import { type QemuBuild, qemuBuild } from '../checkpoint/qemu-build.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { eraNamed } from '../model/eras.ts'
import type { Cell, Emit, RunResult } from '../run/events.ts'
import { type Bench, execute } from '../run/execute.ts'
import type { RunFolder } from '../run/run-folder.ts'
import { type Prepared, prepare } from '../run/suite.ts'
import { verifyRestore } from '../run/verify-restore.ts'
import type { QueuedCell } from './cell.ts'
import { receiveKernel } from './kernel.ts'

export interface MakeOptions {
  readonly redis: Redis
  readonly store: Store
  readonly accel: AcceleratorWish
  readonly signal: AbortSignal
  readonly emit: Emit
}

/** Makes cells as `tierlab run` does; what several need, kernels, guest images and checkpoints, is prepared once. */
export class Maker {
  readonly #options: MakeOptions
  readonly #kernels = new Map<string, Promise<Prepared>>()
  readonly #guests = new Map<string, Guests>()
  #qemu: Promise<QemuBuild> | undefined

  constructor(options: MakeOptions) {
    this.#options = options
  }

  /**
   * Makes one cell; its record is in the folder. Whatever the guest does is in the verdict. Throws HostError when this
   * machine cannot have what the cell needs, or cannot keep its record.
   */
  async make(queued: QueuedCell, folder: RunFolder): Promise<RunResult> {
    const { emit, signal } = this.#options
    const { manner, shared } = queued
    const { kernel, accel, boot, image } = await this.#prepared(queued)
    const cell: Cell = {
      ...{ scenario: queued.scenario, file: queued.file, kernel, era: eraNamed(queued.era) },
      ...(queued.repetition !== undefined && { repetition: queued.repetition }),
    }
    this.#qemu ??= qemuBuild()
    const { words: qemu } = await this.#qemu
    const guests = await this.#guestsFor(manner.fresh, manner.boot_limit_ms)
    const bench: Bench = {
      ...{ accel, boot, image, qemu, guests, shared, known_issues: manner.known_issues, signal, emit },
    }
    emit({ type: 'begin', cell })
    const result = manner.verify_restore
      ? await verifyRestore(cell, bench, folder, await this.#guestsFor(true, manner.boot_limit_ms))
      : await execute(cell, bench, folder)
    if (folder.problem) throw folder.problem
    return result
  }

  async #prepared({ kernel, manner }: QueuedCell): Promise<Prepared> {
    const key = JSON.stringify([kernel.hash, kernel.spec, manner.userland])
    const made = this.#kernels.get(key) ?? this.#prepare(kernel, manner.userland)
    this.#kernels.set(key, made)
    return made
  }

  async #prepare(wanted: QueuedCell['kernel'], userland: string | undefined): Promise<Prepared> {
    const { redis, store, signal, emit, accel } = this.#options
    try {
      const kernel = await receiveKernel(redis, store, wanted, (sentence) => emit({ type: 'note', sentence }))
      return await prepare(kernel, store, { accel, emit, signal, ...(userland !== undefined && { userland }) })
    } catch (cause) {
      if (signal.aborted || cause instanceof Interrupted) throw cause
      throw new HostError(`This machine cannot prepare ${wanted.name}: ${messageOf(cause)}`, { cause })
    }
  }

  async #guestsFor(fresh: boolean, boot_limit_ms: number | undefined): Promise<Guests> {
    const { store, signal, emit } = this.#options
    const key = JSON.stringify([fresh, boot_limit_ms])
    this.#qemu ??= qemuBuild()
    const qemu = await this.#qemu
    const log = (sentence: string) => emit({ type: 'note', sentence })
    const limit = boot_limit_ms === undefined ? {} : { boot_limit_ms }
    const guests = this.#guests.get(key) ?? new Guests({ store, qemu, signal, log, ...limit }, { fresh })
    this.#guests.set(key, guests)
    return guests
  }
}
