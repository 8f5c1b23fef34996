import { constants } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { HostError, Interrupted, messageOf } from '../base/errors.ts'
import { hostOutput } from '../base/process.ts'
import { MiB } from '../base/size.ts'
import type { Store } from '../base/store.ts'
import { machine } from '../topology/machine.ts'
import { dram } from '../topology/nodes.ts'
import { QEMU } from './qemu.ts'
import { type AcceleratorName, VirtualMachine } from './virtual-machine.ts'

export interface Accelerator {
  readonly name: AcceleratorName
  readonly reason: string
}
export type AcceleratorWish = AcceleratorName | 'auto'

/** The reason for what is not tried. */
export const ASKED_FOR = 'asked for by --accel tcg'

/** A trial that shows no console line, or no agent, by then has failed. KVM needs about a second for both. */
const TRIAL = { first_line_ms: 4_000, agent_ms: 15_000 }
const Trial = z.object({ works: z.boolean(), reason: z.string() })

/**
 * Decides by trying: under KVM a small guest must reach its agent, because a /dev/kvm that opens, and even one that
 * creates a virtual machine, proves nothing. The answer is kept until the host reboots or QEMU changes.
 * Throws HostError when KVM was asked for by name and does not work, Interrupted when `signal` is aborted meanwhile.
 */
export async function chooseAccelerator(
  wish: AcceleratorWish,
  /** `key` names what is tried. */
  guest: { readonly image: string; readonly initramfs: string; readonly key: readonly string[] },
  store: Store,
  signal?: AbortSignal,
): Promise<Accelerator> {
  if (wish === 'tcg') return { name: 'tcg', reason: ASKED_FOR }
  const { works, reason } = (await deviceProblem()) ?? (await keptTrial(guest, store, signal))
  if (works) return { name: 'kvm', reason }
  if (wish === 'kvm')
    throw new HostError(`KVM does not work on this machine: ${reason}. Use --accel auto or --accel tcg.`)
  return { name: 'tcg', reason: `no KVM: ${reason}` }
}

async function deviceProblem(): Promise<z.infer<typeof Trial> | undefined> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    const missing = messageOf(error).includes('ENOENT')
    return { works: false, reason: missing ? 'there is no /dev/kvm' : '/dev/kvm may not be opened by this user' }
  }
}

async function keptTrial(
  guest: Parameters<typeof chooseAccelerator>[1],
  store: Store,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof Trial>> {
  const key = {
    boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    qemu: await hostOutput(QEMU, ['--version'], { purpose: 'Asking QEMU for its version' }),
    guest: guest.key,
  }
  const entry = await store.entry('accelerator', key, async (folder) => {
    await writeFile(join(folder, 'trial.json'), JSON.stringify(await trial(guest, signal)))
  })
  return Trial.parse(JSON.parse(await readFile(join(entry.folder, 'trial.json'), 'utf8')))
}

async function trial(
  guest: { image: string; initramfs: string },
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof Trial>> {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-trial-'))
  let abandon = () => {}
  try {
    const { spec } = machine({ nodes: [dram(512 * MiB, { cpus: '0' })] })
    await using vm = await VirtualMachine.start({ machine: spec, accelerator: 'kvm', ...guest }, folder)
    abandon = () => void vm.qemu.kill()
    signal?.addEventListener('abort', abandon)
    const started = Date.now()
    const ready = new Promise<void>((resolve) => vm.qemu.agent.once('data', () => resolve()))
    const firstLine = vm.console.waitFor('', 0, TRIAL.first_line_ms * 2)
    await vm.within(firstLine, 'the first console line', TRIAL.first_line_ms, 'no-boot')
    await vm.within(ready, 'the agent', TRIAL.agent_ms, 'no-boot')
    return {
      works: true,
      reason: `a trial guest under KVM answered in ${((Date.now() - started) / 1000).toFixed(1)} s`,
    }
  } catch (error) {
    // A trial that was cut short says nothing about KVM, and must not be remembered.
    if (signal?.aborted) throw new Interrupted('The trial of KVM was interrupted.', { cause: error })
    return { works: false, reason: `/dev/kvm is there, but a trial guest failed: ${firstSentence(messageOf(error))}` }
  } finally {
    signal?.removeEventListener('abort', abandon)
    await rm(folder, { recursive: true, force: true })
  }
}

function firstSentence(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
