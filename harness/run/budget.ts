import { readFile } from 'node:fs/promises'
import { availableParallelism, freemem } from 'node:os'
import { MiB } from '../base/size.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { dimmsOf, pmemOf, ramOf, virtioMemOf, virtioPmemOf } from '../topology/nodes.ts'

/** What guests may use together. */
export interface Budget {
  /** Guests at one time. */
  readonly jobs: number
  readonly memory_bytes: number
}

export type Jobs = number | 'auto'

/** Left to the host and to ourselves. */
const RESERVE_BYTES = 512 * MiB

/**
 * `auto`: two guests for each core. A guest that works keeps one busy, but some of its time it waits: for locks, for what
 * must not happen, for us. On two cores the suite on Debian's 6.1 took 73 s so, and 90 s with `--jobs 2`. Their memory is
 * counted one by one, whatever the number.
 */
export async function budgetOf(jobs: Jobs): Promise<Budget> {
  const memory_bytes = Math.max(0, (await availableMemory()) - RESERVE_BYTES)
  return { jobs: jobs === 'auto' ? 2 * availableParallelism() : jobs, memory_bytes }
}

/**
 * What a guest may come to use, in bytes: QEMU itself and a kernel with its userland (150 MB measured), and of its
 * memory an eighth, since scenarios fill little of it.
 */
export function memoryCost({ nodes }: MachineSpec): number {
  const bytes = nodes.reduce(
    (sum, node) =>
      sum +
      [ramOf(node), ...pmemOf(node), ...dimmsOf(node), virtioMemOf(node), virtioPmemOf(node)].reduce(
        (a, b) => a + b,
        0,
      ),
    0,
  )
  return 200 * MiB + bytes / 8
}

/** MemAvailable, or what a control group leaves us when that is less. */
async function availableMemory(): Promise<number> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  const available = kibibytes === undefined ? freemem() : Number(kibibytes) * 1024
  const limit = process.constrainedMemory()
  return limit === undefined || limit === 0 || limit > 2 ** 50 ? available : Math.min(available, limit)
}
