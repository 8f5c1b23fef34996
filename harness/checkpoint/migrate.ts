import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ProtocolError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { shellWord } from '../base/shell-words.ts'
import { INPUT_FD } from '../machine/qemu.ts'
import type { StartOptions, VirtualMachine } from '../machine/virtual-machine.ts'
import type { QemuBuild } from './qemu-build.ts'

/** `files`: memory lies in files, and only the devices' state is in the stream. `stream`: everything is. */
export type MemoryMode = 'files' | 'stream'

const POLL_MS = 2
const LIMIT_MS = { save: 120_000, write: 10_000, load: 60_000 }
const MigrationStatus = z.object({ status: z.string().optional(), 'error-desc': z.string().optional() })
const RunState = z.object({ status: z.string() })

/**
 * Stops the guest and writes its state to a file. Source: QEMU's docs/devel/migration; capability x-ignore-shared leaves
 * out what lies in shared files. The file gets its name only when it is whole, because QEMU would not notice a full disk.
 * Throws ProtocolError with QEMU's words when it cannot.
 */
export async function saveState(vm: VirtualMachine, mode: MemoryMode, path: string): Promise<void> {
  await vm.qmp.execute('stop')
  await configure(vm, mode)
  const part = shellWord(`${path}.part`)
  await vm.qmp.execute('migrate', { uri: `exec:cat >${part} && mv ${part} ${shellWord(path)}` })
  await vm.within(until(vm, 'query-migrate', saved), 'the end of saving', LIMIT_MS.save, 'silent')
  await vm.within(exists(path), 'the file with the state', LIMIT_MS.write, 'silent')
}

/** How a QEMU gets at the state in a file. */
export interface Source extends Pick<StartOptions, 'input'> {
  readonly uri: string
}

/** By its name since QEMU 8.2, where a descriptor of a plain file goes out of use (docs/about/deprecated.rst, 9.1). */
export function sourceOf(path: string, { major }: QemuBuild): Source {
  return major >= 9 ? { uri: `file:${path}` } : { uri: `fd:${INPUT_FD}`, input: path }
}

/** Loads the state into a guest that waits for it, and lets it run. Throws ProtocolError, or GuestLost. */
export async function loadState(vm: VirtualMachine, mode: MemoryMode, { uri }: Source): Promise<void> {
  await configure(vm, mode)
  await vm.qmp.execute('migrate-incoming', { uri })
  await vm.within(until(vm, 'query-status', loaded), 'the end of loading', LIMIT_MS.load, 'silent')
  await vm.qmp.execute('cont')
}

async function configure({ qmp }: VirtualMachine, mode: MemoryMode): Promise<void> {
  const ignoring = { capability: 'x-ignore-shared', state: mode === 'files' }
  await qmp.execute('migrate-set-capabilities', { capabilities: [ignoring] })
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 })
}

async function until({ qmp }: VirtualMachine, query: string, done: (answer: Json) => boolean): Promise<void> {
  while (!done(await qmp.execute(query))) await sleep(POLL_MS)
}

async function exists(path: string): Promise<void> {
  for (;;) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (there) return
    await sleep(POLL_MS)
  }
}

function saved(answer: Json): boolean {
  const { status, 'error-desc': words } = MigrationStatus.parse(answer)
  if (status === 'failed' || status === 'cancelled')
    throw new ProtocolError(`QEMU could not save the guest's state: ${words ?? status}`)
  return status === 'completed'
}

function loaded(answer: Json): boolean {
  return RunState.parse(answer).status !== 'inmigrate'
}
