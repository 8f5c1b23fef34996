import { stat } from 'node:fs/promises'
import { buildIdIn, debugPath, type Kernel, type Symbols, symbolsOf } from '../../kernels/index.ts'
import { HostError } from '../base/errors.ts'
import { shellLine } from '../base/shell-words.ts'
import { formatSize } from '../base/size.ts'
import { Store } from '../base/store.ts'
import { openGdbServer } from '../machine/gdb-server.ts'
import type { VirtualMachine } from '../machine/virtual-machine.ts'
import { type KernelFacts, parseNotePlace, writeVmcore } from '../machine/vmcore.ts'
import type { Session } from '../session/session.ts'

/** What a debugger needs to know of a guest, and what the guest can say only while it lives. */
export interface Landmarks extends KernelFacts {
  readonly kernel: Kernel
  readonly build_id: string | undefined
}

const READ_LIMIT_MS = 30_000

export async function landmarksOf(session: Session, kernel: Kernel): Promise<Landmarks> {
  const answer = async (script: string) => (await session.run(script, READ_LIMIT_MS)).stdout
  const [notes, place, names] = await Promise.all([
    answer('cat /sys/kernel/notes'),
    answer('cat /sys/kernel/vmcoreinfo'),
    answer('for name in s n r v m; do uname -$name; done'),
  ])
  return {
    ...{ kernel, build_id: buildIdIn(notes), vmcoreinfo: parseNotePlace(place.toString()) },
    uname: names.toString().trimEnd().split('\n'),
  }
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
  await writeVmcore(vm, file, landmarks)
  const symbols = await symbolsFor(landmarks)
  const lines =
    symbols === undefined
      ? [['makedumpfile', '--dump-dmesg', file, `${file}.dmesg`]]
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
    say(
      'This kernel has no VMCOREINFO, without which crash and drgn do not find their way: it needs CONFIG_PROC_KCORE.',
    )
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
