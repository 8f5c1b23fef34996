import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { VERSION } from '../version.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const JUDGING = ['harness', 'kernels', 'guest']

/** Which tierlab this is, by the content of all that takes part in a verdict: SHA-256, in hex. */
export async function identityOfTierlab(): Promise<string> {
  const hash = createHash('sha256').update(VERSION)
  for (const folder of JUDGING) {
    const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    for (const file of files.sort()) hash.update(`\0${relative(ROOT, file)}\0`).update(await readFile(file))
  }
  return hash.digest('hex')
}
