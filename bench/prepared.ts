import { Store } from '../harness/base/store.ts'
import { dram, GiB, machine, pmem } from '../harness/index.ts'
import type { BootPlan } from '../harness/machine/virtual-machine.ts'
import { type Prepared, prepare } from '../harness/run/suite.ts'

/** The machine that all benches boot: four nodes, two of them persistent memory. */
export const BOX = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' }), pmem(1 * GiB), pmem(1 * GiB)],
})

export async function ready(kernel: string): Promise<{ prepared: Prepared; plan: BootPlan }> {
  const prepared = await prepare(kernel, new Store(), {
    accel: 'auto',
    emit: () => {},
    signal: new AbortController().signal,
  })
  const plan = {
    machine: BOX.spec,
    image: prepared.boot.path,
    initramfs: prepared.image.initramfs,
    accelerator: prepared.accel.name,
  }
  return { prepared, plan }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
