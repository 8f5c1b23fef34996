import { HostError } from '../base/errors.ts'
import type { VirtualMachine } from './virtual-machine.ts'

/** With it a kernel lies where its vmlinux says. Source: Documentation/process/debugging/gdb-kernel-debugging.rst. */
export const FOR_DEBUGGERS: readonly string[] = ['nokaslr']

/**
 * Stops the guest and lets a debugger in, by a Unix socket of this path: who may use its folder may attach.
 * `continued` is fulfilled when the debugger lets the guest go on, which a guest that has ended cannot.
 * Throws HostError with QEMU's words when the socket cannot be made.
 */
export async function openGdbServer(vm: VirtualMachine, path: string): Promise<{ continued: Promise<unknown> }> {
  await vm.qmp.execute('stop')
  const { sign } = vm.qmp.next(({ event }) => event === 'RESUME')
  const said = await vm.monitor(`gdbserver unix:${path},server=on,wait=off`)
  if (!said.startsWith('Waiting for gdb connection'))
    throw new HostError(`QEMU cannot let a debugger in at ${path}: ${said}`)
  return { continued: sign }
}
