import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AGENT_PORT, QEMU } from '../harness/machine/qemu.ts'
import { type BootPlan, bootArguments, VirtualMachine } from '../harness/machine/virtual-machine.ts'
import { Session } from '../harness/session/session.ts'
import type { Figure } from './main.ts'
import { median, ready, round } from './prepared.ts'

const ROUNDS = 5

/** From the start of QEMU to the agent's first word: through the harness, and with nothing but QEMU and a pipe. */
export async function benchBoot(kernel: string): Promise<Figure[]> {
  const { prepared, plan } = await ready(kernel)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await throughHarness(plan))
    bare.push(await bareQemu(plan))
  }
  const note = `${prepared.kernel.name}, ${plan.accelerator}, medians of ${ROUNDS}`
  return [
    { name: 'boot_ms', value: round(median(ours), 0), unit: 'ms', goal: '', note },
    { name: 'bare_ms', value: round(median(bare), 0), unit: 'ms', goal: '', note },
    { name: 'boot_over_bare', value: round(median(ours) / median(bare), 3), unit: '', goal: '≤ 1.10', note },
  ]
}

/** From the start of QEMU to the agent's first word. */
export async function throughHarness(plan: BootPlan): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const started = performance.now()
  try {
    await using vm = await VirtualMachine.start(plan, folder)
    await Session.open(vm, 180_000)
    return performance.now() - started
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same kernel, initramfs, machine and devices; the agent's port is QEMU's standard output. */
async function bareQemu(plan: BootPlan): Promise<number> {
  const channels = [
    ...['-serial', 'file:/dev/null', '-device', 'virtio-serial-pci', '-chardev', 'stdio,id=agent,signal=off'],
    ...['-device', `virtserialport,chardev=agent,name=${AGENT_PORT}`],
  ]
  const started = performance.now()
  const child = spawn(QEMU, [...bootArguments(plan), ...channels], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => bytes.toString().includes('ready') && resolve())
    child.once('exit', () => reject(new Error('bare QEMU ended before the agent spoke')))
  })
  const elapsed = performance.now() - started
  child.kill('SIGKILL')
  await ended
  return elapsed
}
