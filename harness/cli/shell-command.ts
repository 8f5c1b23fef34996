import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { FOR_DEBUGGERS } from '../machine/gdb-server.ts'
import type { VirtualMachine } from '../machine/virtual-machine.ts'
import type { Prepared } from '../run/suite.ts'
import { NO_LIMIT_MS, type Session } from '../session/session.ts'
import { converse } from './conversation.ts'
import { dump, type Landmarks, landmarksOf, letDebuggerIn } from './debugging.ts'
import { EXIT } from './exit-status.ts'
import { Interrupt } from './interrupt.ts'
import { type GuestOptions, withGuest } from './lone-guest.ts'
import { withGuestAt } from './scenario-guest.ts'

export interface ShellOptions extends GuestOptions {
  /** The step of the scenario behind which the shell begins; the last when left out. */
  readonly after?: string
  readonly gdb?: boolean
  /** The file that receives the guest's memory. */
  readonly dump?: string
}

/** `tierlab shell`: a shell in a guest, at a step of a scenario where one is named. Its exit status is the shell's. */
export async function shellCommand(file: string | undefined, options: ShellOptions): Promise<number> {
  if (file === undefined && options.after !== undefined)
    throw new UsageError('--after names a step of a scenario: tierlab shell FILE --after STEP.')
  if (file !== undefined && options.machine !== undefined)
    throw new UsageError('A scenario has its own machine: leave --machine out.')
  if (options.dump !== undefined) await checkPlace(options.dump)
  const given = { ...options, ...(options.gdb && { extra: FOR_DEBUGGERS }) }
  const stay = new Stay(options)
  using interrupt = new Interrupt()
  if (file !== undefined)
    return withGuestAt(file, given, interrupt, {
      begun: ({ session }, prepared) => stay.begin(session, prepared),
      reached: ({ session }, _prepared, answers) => stay.use(session, answers),
    })
  return withGuest(given, interrupt, async (session, prepared) => {
    await stay.begin(session, prepared)
    return stay.use(session, true)
  })
}

/** Before anything is booted. Throws UsageError when no file can be made there. */
async function checkPlace(file: string): Promise<void> {
  const folder = dirname(resolve(file))
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`The dump ${file} cannot be written: there is no folder ${folder} to write to.`, { cause })
  })
}

/** One's stay in a guest: the debugger first, then the shell, and the dump last of all. */
class Stay {
  readonly #options: Pick<ShellOptions, 'gdb' | 'dump'>
  #landmarks: Landmarks | undefined

  constructor(options: Pick<ShellOptions, 'gdb' | 'dump'>) {
    this.#options = options
  }

  /** While the guest lives for certain. */
  async begin(session: Session, { kernel }: Prepared): Promise<void> {
    const { gdb = false, dump } = this.#options
    if (!gdb && dump === undefined) return
    await session.vm.stayAtEnd()
    this.#landmarks = await landmarksOf(session, kernel)
  }

  /** Resolves to the status of the shell, or 1 where the guest answers no more; throws GuestLost when it ends meanwhile. */
  async use(session: Session, answers: boolean): Promise<number> {
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

const SOCKET = 'socket'
