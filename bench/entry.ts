import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'
import { FAST_ARGUMENTS } from '../harness/topology/kernel-arguments.ts'
import { throughHarness } from './boot.ts'
import type { Figure } from './main.ts'
import { median, ready, round } from './prepared.ts'

const ROUNDS = 5

/**
 * What the ways to faster boots save: a kernel that is decompressed already, arguments that spare it work; and what
 * compressing the initramfs would.
 */
export async function benchEntry(kernel: string): Promise<Figure[]> {
  const { prepared, plan } = await ready(kernel)
  const scratch = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const compressed = join(scratch, 'initramfs.zst')
  await $({ quiet: true })`zstd -q -19 ${plan.initramfs} -o ${compressed}`
  const variants = [
    { name: 'boot_pvh_ms', plan, note: `entry ${prepared.boot.entry}` },
    { name: 'boot_bzimage_ms', plan: { ...plan, image: prepared.kernel.image }, note: 'the bzImage' },
    {
      name: 'boot_plain_arguments_ms',
      plan: { ...plan, omit: FAST_ARGUMENTS },
      note: `without ${FAST_ARGUMENTS.join(' ')}`,
    },
    { name: 'boot_zstd_initramfs_ms', plan: { ...plan, initramfs: compressed }, note: 'the initramfs as zstd -19' },
  ]
  const times = variants.map((): number[] => [])
  // In turn, so that what else this machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, variant] of variants.entries()) times[index]?.push(await throughHarness(variant.plan))
  await rm(scratch, { recursive: true })
  const where = `${prepared.kernel.name}, ${plan.accelerator}, median of ${ROUNDS}`
  return variants.map(({ name, note }, index) => ({
    ...{ name, value: round(median(times[index] ?? []), 0), unit: 'ms', goal: '' },
    note: `${where}, ${note}`,
  }))
}
