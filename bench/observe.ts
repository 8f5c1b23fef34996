import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualMachine } from '../harness/machine/virtual-machine.ts'
import { observe } from '../harness/observe/observe.ts'
import { Session } from '../harness/session/session.ts'
import type { Figure } from './main.ts'
import { median, ready, round } from './prepared.ts'

const TIMES = 30

/** What it costs to read everything from a guest of four nodes whose persistent memory is all online. */
export async function benchObserve(kernel: string): Promise<Figure[]> {
  const { prepared, plan } = await ready(kernel)
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  try {
    await using vm = await VirtualMachine.start(plan, folder)
    const session = await Session.open(vm, 180_000)
    for (const number of [0, 1]) {
      await session.run(`ndctl create-namespace -f -e namespace${number}.0 --mode=devdax`, 60_000)
      await session.run(`daxctl reconfigure-device --mode=system-ram dax${number}.0`, 60_000)
    }
    const times: number[] = []
    let files = 0
    for (let index = 0; index < TIMES; index += 1) {
      const { duration_ms, observation } = await observe(session, index, vm.console.position)
      times.push(duration_ms)
      files = Object.keys(observation.files).length
    }
    const note = `${prepared.kernel.name}, ${plan.accelerator}, ${files} files, median of ${TIMES}`
    return [{ name: 'observe_ms', value: round(median(times), 1), unit: 'ms', goal: '≤ 40', note }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
