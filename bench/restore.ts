import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '../harness/base/store.ts'
import { bootedCheckpoint, type Origin, restore } from '../harness/checkpoint/checkpoint.ts'
import { qemuBuild } from '../harness/checkpoint/qemu-build.ts'
import { throughHarness } from './boot.ts'
import type { Figure } from './main.ts'
import { median, ready, round } from './prepared.ts'

const ROUNDS = { boot: 5, restore: 15 }

/** From the start of QEMU to the agent's first reply, booted and restored in turn; what a checkpoint and a guest take. */
export async function benchRestore(kernel: string): Promise<Figure[]> {
  const { prepared, plan } = await ready(kernel)
  const cache = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  const origin: Origin = {
    ...{ store: new Store(cache), qemu: await qemuBuild(), signal: new AbortController().signal, log: () => {} },
  }
  try {
    const began = performance.now()
    const checkpoint = await bootedCheckpoint(plan, 'files', origin)
    const made_ms = performance.now() - began
    const [boots, restores, resident]: [number[], number[], number[]] = [[], [], []]
    for (let index = 0; index < ROUNDS.restore; index += 1) {
      if (index % 3 === 0) boots.push(await throughHarness(plan))
      const started = performance.now()
      const { vm, clock } = await restore(checkpoint, plan, join(cache, 'guest'), origin)
      restores.push(performance.now() - started)
      await clock
      resident.push(await privateMebibytes(vm.qemu.pid))
      await vm[Symbol.asyncDispose]()
    }
    const { name } = prepared.kernel
    const note = `${name}, ${plan.accelerator}, medians of ${ROUNDS.boot} and ${ROUNDS.restore}, in turn`
    const ratio = median(boots) / median(restores)
    return [
      { name: 'boot_to_reply_ms', value: round(median(boots), 0), unit: 'ms', goal: '', note },
      { name: 'restore_to_reply_ms', value: round(median(restores), 0), unit: 'ms', goal: '', note },
      { name: 'boot_over_restore', value: round(ratio, 1), unit: '', goal: '≥ 30', note },
      { name: 'checkpoint_save_ms', value: round(checkpoint.save_ms, 0), unit: 'ms', goal: '', note: 'QEMU’s part' },
      {
        ...{ name: 'checkpoint_made_ms', value: round(made_ms, 0), unit: 'ms', goal: '' },
        note: 'all of it: boot, save, holes, digests',
      },
      {
        ...{ name: 'checkpoint_mib', value: round(await mebibytesIn(checkpoint.folder), 0) },
        ...{ unit: 'MiB', goal: '', note: 'on the disk, without holes' },
      },
      {
        ...{ name: 'guest_private_mib', value: round(median(resident), 0), unit: 'MiB', goal: '' },
        note: 'of a restored guest; what it shares with its checkpoint is not counted',
      },
    ]
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

/** Memory that is a process’s alone, in MiB. Source: proc(5), smaps_rollup. */
async function privateMebibytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const parts = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)]
  return parts.reduce((sum, [, kibibytes]) => sum + Number(kibibytes), 0) / 1024
}

async function mebibytesIn(folder: string): Promise<number> {
  const bytes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).blocks * 512),
  )
  return bytes.reduce((sum, size) => sum + size, 0) / 1024 / 1024
}
