import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { CpioEntry } from './cpio.ts'

/**
 * The files of FOLDER/lib/modules as entries of a layer. They go to usr/lib, because the guest's /lib is a link to it:
 * the kernel would replace the link by a folder of that name.
 */
export async function moduleEntries(folder: string): Promise<CpioEntry[]> {
  const entries: CpioEntry[] = []
  for (const found of await readdir(join(folder, 'lib', 'modules'), { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const file = join(found.parentPath, found.name)
    entries.push({ path: join('usr', relative(folder, file)), kind: 'file', data: await readFile(file) })
  }
  return entries
}
