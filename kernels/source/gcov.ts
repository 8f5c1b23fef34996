import { copyFile, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GCOV } from '../kernel.ts'

/** The files whose lines are counted in a kernel with CONFIG_GCOV_KERNEL. No other object of lab is named as one. */
export const PROFILED = ['mm/memory-tiers', 'drivers/dax/kmem', 'drivers/acpi/numa/hmat'] as const

/** What a build is told, to count lines of these alone. Source: Documentation/dev-tools/gcov.rst (6.1). */
export const GCOV_VARIABLES = PROFILED.map((path) => `GCOV_PROFILE_${basename(path)}.o=y`)

/** Keeps the compiler's notes of them, without which counts say nothing. */
export async function keepNotes(objects: string, draft: string): Promise<void> {
  for (const path of PROFILED) {
    const kept = join(draft, GCOV, `${path}.gcno`)
    await mkdir(dirname(kept), { recursive: true })
    await copyFile(join(objects, `${path}.gcno`), kept)
  }
}

/** The gcov of a compiler: of gcc-12 it is gcov-12. */
export function gcovOf(compiler: string): string {
  return compiler.replace(/gcc(?=(-\d+)?$)/, 'gcov')
}
