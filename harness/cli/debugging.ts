import { stat } from 'node:fs/promises'
import { buildIdIn, debugPath, type Kernel, type Symbols, symbolsOf } from '../../kernels/index.ts'
import { HostError } from '../base/errors.ts'
import { shellLine } from '../base/shell-words.ts'
import { formatSize } from '../base/size.ts'
import { Store } from '../base/store.ts'
import { openGdbServer } from '../machine/gdb-server.ts'
import type { VirtualMachine } from '../machine/virtual-machine.ts'
import { type NotePlace, parseNotePlace, writeVmcore } from '../machine/vmcore.ts'
import type { Session } from '../session/session.ts'

/** What a debugger needs to know of a guest, and what the guest can say only while it lives. */
export interface Landmarks {
  readonly kernel: Kernel
  readonly build_id: string | undefined
  readonly vmcoreinfo: NotePlace | undefined
}

const READ_LIMIT_MS = 30_000

export async function landmarksOf(session: Session, kernel: Kernel): Promise<Landmarks> {
  const read = async (path: string) => (await session.run(`cat ${path}`, READ_LIMIT_MS)).stdout
  const [notes, place] = await Promise.all([read('/sys/kernel/notes'), read('/sys/kernel/vmcoreinfo')])
  return { kernel, build_id: buildIdIn(notes), vmcoreinfo: parseNotePlace(place.toString()) }
}

/** Stops the guest, lets a debugger in and prints the line that attaches it. */
export async function letDebuggerIn(vm: VirtualMachine, landmarks: Landmarks, socket: string) {
  const symbols = await symbolsFor(landmarks)
  const { continued } = await openGdbServer(vm, socket)
  const words = ['gdb', ...(symbols ? [symbols.path] : []), '-ex', `target remote ${socket}`]
  say(`The guest stands still. To attach a debugger:\n\n  ${shellLine(words)}\n\n${symbolWords(landmarks, symbols)}`)
  return { continued }
}

/** Writes the dump and prints the lines that open it. */
export async function dump(vm: VirtualMachine, landmarks: Landmarks, file: string): Promise<void> {
  if (vm.exit !== undefined) throw new HostError(`QEMU has ended, and with it what was to be dumped to ${file}.`)
  await writeVmcore(vm, file, landmarks.vmcoreinfo)
  const symbols = await symbolsFor(landmarks)
  const lines =
    symbols === undefined
      ? [['crash', '--log', file]]
      : [
          ['crash', symbols.path, file],
          ['drgn', '-s', symbols.path, '-c', file],
        ]
  const { size } = await stat(file)
  say(
    `The guest’s memory is in ${file} (${formatSize(size)}). To look at it:\n\n` +
      `${lines.map((words) => `  ${shellLine(words)}\n`).join('')}\n${symbolWords(landmarks, symbols)}`,
  )
  if (landmarks.vmcoreinfo === undefined)
    say('This kernel has no VMCOREINFO, without which crash --log and drgn cannot read it: it needs CONFIG_PROC_KCORE.')
}

async function symbolsFor({ kernel, build_id }: Landmarks): Promise<Symbols | undefined> {
  return build_id === undefined ? undefined : symbolsOf(kernel, build_id, new Store())
}

/** What the vmlinux that was found is good for, or how to come by one. */
function symbolWords({ kernel }: Landmarks, symbols: Symbols | undefined): string {
  if (symbols?.dwarf) return ''
  const build = 'a kernel built with ,config=symbols, like --kernel source:6.12,config=symbols, has both.'
  if (symbols) return `That vmlinux has the names of functions and variables, but no types and lines: ${build}`
  const debian = kernel.name.startsWith('debian:')
    ? `Debian’s package linux-image-${kernel.release}-dbg has it (${debugPath(kernel.release)}); or `
    : ''
  return `No vmlinux with symbols of this kernel is at hand. ${debian}${build}`
}

function say(text: string): void {
  process.stderr.write(`${text.trimEnd()}\n`)
}
