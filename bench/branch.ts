import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../harness/base/store.ts'
import { bootedCheckpoint, type LiveGuest, type Origin, walkedCheckpoint } from '../harness/checkpoint/checkpoint.ts'
import { qemuBuild } from '../harness/checkpoint/qemu-build.ts'
import type { Figure } from './main.ts'
import { ready, round } from './prepared.ts'

const STEPS = [
  'ndctl create-namespace -f -e namespace0.0 --mode=devdax',
  'daxctl reconfigure-device --mode=system-ram dax0.0',
]

/**
 * What a checkpoint behind the two steps with which most scenarios begin costs once, and saves each that begins there:
 * the ratio is the number of scenarios from which on it pays.
 */
export async function benchBranch(kernel: string): Promise<Figure[]> {
  const { prepared, plan } = await ready(kernel)
  const cache = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const origin: Origin = {
    ...{ store: new Store(cache), qemu: await qemuBuild(), signal: new AbortController().signal, log: () => {} },
  }
  try {
    const booted = await bootedCheckpoint(plan, 'files', origin)
    let saved_ms = 0
    const take = async ({ session }: LiveGuest) => {
      const started = performance.now()
      for (const step of STEPS) await session.run(step, 60_000)
      saved_ms = performance.now() - started
      return null
    }
    const started = performance.now()
    await walkedCheckpoint(booted, { label: 'bench', key: STEPS, take }, plan, origin)
    const cost_ms = performance.now() - started
    const note = `${prepared.kernel.name}, ${plan.accelerator}: ${STEPS.map((step) => step.split(' ')[1]).join(', ')}`
    return [
      {
        name: 'branch_cost_ms',
        value: round(cost_ms, 0),
        unit: 'ms',
        goal: '',
        note: 'copy, restore, steps, save, digests',
      },
      { name: 'branch_saves_ms', value: round(saved_ms, 0), unit: 'ms', goal: '', note },
      { name: 'branch_pays_from', value: round(cost_ms / saved_ms, 1), unit: 'runs', goal: '', note },
    ]
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}
