import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Interrupted } from '../base/errors.ts'
import { Store } from '../base/store.ts'
import { Guests } from '../checkpoint/guests.ts'
import { qemuBuild } from '../checkpoint/qemu-build.ts'
import type { AcceleratorWish } from '../machine/accelerator.ts'
import { Progress } from '../report/progress.ts'
import type { Sink } from '../report/sink.ts'
import { styleFor } from '../report/style.ts'
import { type Prepared, prepare } from '../run/suite.ts'
import type { Session } from '../session/session.ts'
import { NEEDS, requirePrograms } from './host-check.ts'
import type { Interrupt } from './interrupt.ts'
import { defaultMachine, machineFrom } from './machine-file.ts'

export interface GuestOptions {
  readonly kernel: string
  readonly machine?: string
  readonly accel: AcceleratorWish
  readonly userland?: string
  readonly fresh?: boolean
  readonly verbose?: boolean
  /** Words added to the kernel's command line. */
  readonly extra?: readonly string[]
}

/**
 * A guest for one command, which ends with it. Standard error belongs to the command: what is prepared is told only by
 * lines that go away again, on a terminal, or to who asked for more words.
 */
export async function withGuest<T>(
  options: GuestOptions,
  interrupt: Interrupt,
  use: (session: Session, prepared: Prepared) => Promise<T>,
): Promise<T> {
  requirePrograms(NEEDS.guest)
  const { signal } = interrupt
  const { verbose = false, fresh = false } = options
  const work = async () => {
    const spec = options.machine === undefined ? defaultMachine() : await machineFrom(options.machine)
    const folder = await mkdtemp(join(tmpdir(), 'tierlab-guest-'))
    const progress = new Progress(quietUnless(verbose), styleFor(process.stderr), verbose)
    try {
      const store = new Store()
      const prepared = await prepare(options.kernel, store, {
        ...{ accel: options.accel, signal, ...(options.userland !== undefined && { userland: options.userland }) },
        emit: (event) => {
          if (event.type !== 'note' || verbose) progress.event(event)
        },
      })
      if (signal.aborted) throw new Interrupted('Interrupted.')
      const { boot, image, accel } = prepared
      const { extra } = options
      const plan = {
        ...{ machine: spec, image: boot.path, initramfs: image.initramfs, accelerator: accel.name },
        ...(extra !== undefined && { extra }),
      }
      const log = (sentence: string) => verbose && progress.event({ type: 'note', sentence })
      const guests = new Guests({ store, qemu: await qemuBuild(), signal, log }, { fresh })
      const { vm, session, clock } = await guests.start(plan, folder)
      await using _ = vm
      await clock
      progress.close()
      return await use(session, prepared)
    } finally {
      progress.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
  return interrupt.during(work())
}

function quietUnless(verbose: boolean): Sink {
  return process.stderr.isTTY || verbose ? process.stderr : { write: () => true }
}
