import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VirtualMachine } from '../machine/virtual-machine.ts'
import type { Prepared } from '../run/suite.ts'
import { NO_LIMIT_MS, type Session } from '../session/session.ts'
import { converse } from './conversation.ts'
import { dump, type Landmarks, landmarksOf, letDebuggerIn } from './debugging.ts'
import { EXIT } from './exit-status.ts'
import type { Visit } from './scenario-guest.ts'

export interface StayOptions {
  readonly gdb?: boolean
  /** The file that receives the guest's memory. */
  readonly dump?: string
}

const SOCKET = 'socket'

/** One's stay in a guest: the debugger first, then the shell, and the dump last of all. */
export class Stay implements Visit {
  readonly #options: StayOptions
  #landmarks: Landmarks | undefined

  constructor(options: StayOptions) {
    this.#options = options
  }

  /** While the guest lives for certain. */
  async begun(session: Session, { kernel }: Prepared): Promise<void> {
    const { gdb = false, dump } = this.#options
    if (!gdb && dump === undefined) return
    await session.vm.stayAtEnd()
    this.#landmarks = await landmarksOf(session, kernel)
  }

  /** Resolves to the status of the shell, or 1 where the guest answers no more; throws GuestLost when it ends meanwhile. */
  async reached(session: Session, answers: boolean): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'tierlab-gdb-'))
    try {
      return answers ? await this.#shell(session, folder) : await this.#autopsy(session.vm, folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #shell(session: Session, folder: string): Promise<number> {
    const { vm } = session
    try {
      if (this.#options.gdb && this.#landmarks) {
        const { continued } = await letDebuggerIn(vm, this.#landmarks, join(folder, SOCKET))
        process.stderr.write('The shell begins when the debugger says “continue”.\n')
        await vm.within(continued, 'the debugger', NO_LIMIT_MS, 'silent')
      }
      return await converse(session)
    } finally {
      await this.#dump(vm)
    }
  }

  async #autopsy(vm: VirtualMachine, folder: string): Promise<number> {
    process.stderr.write('The guest answers no more: there is no shell.\n')
    await this.#dump(vm)
    if (this.#options.gdb && this.#landmarks && vm.exit === undefined) {
      await letDebuggerIn(vm, this.#landmarks, join(folder, SOCKET))
      process.stderr.write('Ctrl-C here, or “kill” in gdb, ends the guest.\n')
      await vm.qemu.exited
    }
    return EXIT.disagreed
  }

  async #dump(vm: VirtualMachine): Promise<void> {
    const { dump: file } = this.#options
    if (file !== undefined && this.#landmarks) await dump(vm, this.#landmarks, file)
  }
}
