import { resolve } from 'node:path'
import { $, which } from 'zx'
import type { Figure } from './main.ts'
import { ready, round } from './prepared.ts'

const TIERLAB = resolve(import.meta.dirname, '../bin/tierlab.mjs')

/** `uname -r` in a guest: by tierlab from a checkpoint and from a boot, and by virtme-ng where that is installed. */
export async function benchVng(kernel: string): Promise<Figure[]> {
  const { prepared } = await ready(kernel)
  const tierlab = (...words: string[]) =>
    seconds(process.execPath, [TIERLAB, 'exec', '--kernel', kernel, ...words, '--', 'uname', '-r'])
  await tierlab() // makes the checkpoint
  const note = `uname -r on ${prepared.kernel.name}, the whole command`
  const figures: Figure[] = [
    { name: 'exec_restored_s', value: round(await tierlab(), 2), unit: 's', goal: '', note },
    { name: 'exec_booted_s', value: round(await tierlab('--fresh'), 2), unit: 's', goal: '', note },
  ]
  const vng = await which('vng', { nothrow: true })
  if (vng === null)
    figures.push({ name: 'vng_s', value: null, unit: '', goal: '', note: 'skipped: virtme-ng is not installed' })
  else {
    const value = await seconds(vng, ['-r', prepared.kernel.image, '--disable-kvm', '--', 'uname', '-r'])
    figures.push({ name: 'vng_s', value: round(value, 2), unit: 's', goal: '', note: 'virtme-ng, the same kernel' })
  }
  return figures
}

async function seconds(program: string, words: string[]): Promise<number> {
  const started = performance.now()
  await $({ quiet: true, timeout: '300s' })`${program} ${words}`
  return (performance.now() - started) / 1000
}
