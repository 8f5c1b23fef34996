import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { GuestLost, Interrupted } from '../base/errors.ts'
import { shellLine } from '../base/shell-words.ts'
import { kernelArguments } from '../topology/kernel-arguments.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { type Backend, qemuArguments } from '../topology/qemu-arguments.ts'
import { Console } from './console.ts'
import { QEMU, type Qemu, type QemuExit, startQemu } from './qemu.ts'
import { Qmp, type QmpEvent } from './qmp.ts'

/** The console's file in a guest's folder. */
export const CONSOLE = 'console.log'

export type AcceleratorName = 'kvm' | 'tcg'

/** Everything that decides what boots. */
export interface BootPlan {
  readonly machine: MachineSpec
  readonly image: string
  readonly initramfs: string
  readonly accelerator: AcceleratorName
  /** Words added to the kernel's command line. */
  readonly extra?: readonly string[]
  /** Words left out of it. */
  readonly omit?: readonly string[]
  /** The guest will be reset: a restored one is given its kernel all the same. */
  readonly resets?: boolean
}

/** How a guest starts other than by an ordinary boot. */
export interface StartOptions {
  /** Where its memory lies; in QEMU's process when left out. */
  readonly backend?: Backend
  /** The guest does not run until a state has been loaded into it by QMP. */
  readonly incoming?: boolean
  /** A file that QEMU finds open for reading, on INPUT_FD. */
  readonly input?: string | undefined
  /** The console's file has the lines of an earlier life: go on after them. */
  readonly continues?: boolean
  /** Kills QEMU when aborted. */
  readonly signal?: AbortSignal
}

/** Source: QEMU's qapi/run-state.json, SHUTDOWN and ShutdownCause. */
const Shutdown = z.object({ reason: z.string() })

/** QEMU's arguments for a boot, the channels left out. */
export function bootArguments(plan: BootPlan, backend?: Backend): string[] {
  const isWanted = (word: string) => !plan.omit?.includes(word)
  return [
    ...boardArguments(plan, backend),
    ...['-kernel', plan.image, '-initrd', plan.initramfs],
    ...['-append', [...kernelArguments(plan.machine).filter(isWanted), ...(plan.extra ?? [])].join(' ')],
  ]
}

/**
 * For a guest whose state is loaded: the same machine, but no kernel, because the kernel is in the guest's memory and
 * QEMU would read 70 MB for nothing; unless the guest is to boot once more.
 */
function incomingArguments(plan: BootPlan, backend?: Backend): string[] {
  return [...(plan.resets ? bootArguments : boardArguments)(plan, backend), '-incoming', 'defer']
}

function boardArguments(plan: BootPlan, backend?: Backend): string[] {
  return [
    ...['-accel', plan.accelerator, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...qemuArguments(plan.machine, backend),
  ]
}

/** The line that boots the same guest by hand, its console and QEMU's monitor on the terminal. */
export function commandLine(plan: BootPlan): string {
  return shellLine([QEMU, ...bootArguments(plan), '-serial', 'mon:stdio'])
}

/** A running guest: QEMU, its console in a file, and QMP. */
export class VirtualMachine implements AsyncDisposable {
  readonly qemu: Qemu
  readonly console: Console
  readonly qmp: Qmp
  #exit: QemuExit | undefined
  #ended: Promise<QmpEvent> | undefined

  private constructor(qemu: Qemu, console: Console, qmp: Qmp) {
    this.qemu = qemu
    this.console = console
    this.qmp = qmp
    void qemu.exited.then((exit) => {
      this.#exit = exit
    })
  }

  /** Starts QEMU; `folder` receives console.log. Throws GuestLost (`no-boot`) with QEMU's words when it refuses. */
  static async start(plan: BootPlan, folder: string, options: StartOptions = {}): Promise<VirtualMachine> {
    const { backend, incoming = false, input, continues = false, signal } = options
    if (signal?.aborted) throw new Interrupted('Interrupted.')
    await mkdir(folder, { recursive: true })
    const path = resolve(folder, CONSOLE)
    const console = new Console(path, continues)
    const qemu = startQemu((incoming ? incomingArguments : bootArguments)(plan, backend), path, input)
    const abandon = () => void qemu.kill()
    signal?.addEventListener('abort', abandon)
    void qemu.exited.then(() => signal?.removeEventListener('abort', abandon))
    try {
      return new VirtualMachine(qemu, console, await Qmp.connect(qemu.qmp))
    } catch (cause) {
      const { words } = await qemu.kill()
      console.close()
      throw new GuestLost(`QEMU did not start this machine: ${words || 'it said nothing'}`, 'no-boot', [], { cause })
    }
  }

  /** How QEMU ended; undefined while it runs. */
  get exit(): QemuExit | undefined {
    return this.#exit
  }

  /**
   * The promise's value, unless QEMU ends first or the time is up: then GuestLost, which names what was awaited and
   * holds the last console lines.
   */
  async within<T>(promise: Promise<T>, awaited: string, timeout_ms: number, before: 'no-boot' | 'silent'): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(this.lost(`No sign of ${awaited} within ${Math.round(timeout_ms / 100) / 10} s`, before))
      }, timeout_ms)
    })
    const gone = this.qemu.exited.then(async (exit): Promise<never> => {
      const how = before === 'no-boot' ? 'no-boot' : exit.signal === undefined ? 'exited' : 'killed'
      const end = exit.signal === undefined ? `exit status ${exit.code}` : exit.signal
      throw this.lost(`QEMU ended (${end}) while ${awaited} was awaited${exit.words ? `: ${exit.words}` : ''}`, how)
    })
    gone.catch(() => {})
    const ended = this.#ended?.then(({ data }): never => {
      const { reason } = Shutdown.parse(data)
      throw this.lost(`The guest ended (${reason}) while ${awaited} was awaited`, 'exited')
    })
    ended?.catch(() => {})
    try {
      return await Promise.race([promise, late, gone, ...(ended ? [ended] : [])])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Types a line into QEMU's monitor; resolves to what QEMU says, which is nothing when all is well. */
  async monitor(line: string): Promise<string> {
    return z
      .string()
      .parse(await this.qmp.execute('human-monitor-command', { 'command-line': line }))
      .trim()
  }

  /**
   * From now on a guest that ends, by a panic or because it wants to, is stopped and stays as it was then, memory and
   * registers, until QEMU is killed. Who waits for it is told at once all the same.
   */
  async stayAtEnd(): Promise<void> {
    this.#ended ??= this.qmp.next(({ event }) => event === 'SHUTDOWN').sign
    await this.qmp.execute('set-action', { shutdown: 'pause' })
  }

  /**
   * Resets the machine, which `-no-reboot` would otherwise make QEMU's end, and resolves when a kernel speaks again: the
   * firmware resets the machine once more on its way (SeaBIOS, src/resume.c, tryReboot()), and a panic is to be the end.
   */
  async reset(line: string, limit_ms: number): Promise<void> {
    const { position } = this.console
    await this.qmp.execute('set-action', { reboot: 'reset' })
    await this.monitor(line)
    const speaks = this.console.waitFor('Linux version', position, limit_ms)
    await this.within(speaks, 'a kernel’s first line after the reset', limit_ms, 'silent')
    await this.qmp.execute('set-action', { reboot: 'shutdown' })
  }

  lost(sentence: string, how: GuestLost['how']): GuestLost {
    return new GuestLost(sentence, how, this.console.tail(12))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.qemu.kill()
    this.console.close()
  }
}
