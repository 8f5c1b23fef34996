import { type FileHandle, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Store } from '../harness/base/store.ts'
import { buildIdIn } from './build-id.ts'
import type { Kernel } from './kernel.ts'

/** A vmlinux that a debugger can use. */
export interface Symbols {
  readonly path: string
  /** Whether it has types and lines too (DWARF), and not only names. */
  readonly dwarf: boolean
}

/**
 * The vmlinux with symbols of a kernel that runs, by its build ID: one that tierlab built, the one in the tree of an
 * image of the user's, or Debian's (package linux-image-RELEASE-dbg). One with debug information before others;
 * undefined when none is at hand. Nothing is fetched.
 */
export async function symbolsOf(
  kernel: Pick<Kernel, 'image' | 'name' | 'release'>,
  build_id: string,
  store: Pick<Store, 'root'>,
): Promise<Symbols | undefined> {
  const found: Symbols[] = []
  for (const path of await places(kernel, store)) {
    const facts = await factsOf(path).catch(() => undefined)
    if (facts?.symbols && facts.build_id === build_id) found.push({ path, dwarf: facts.dwarf })
  }
  return found.find(({ dwarf }) => dwarf) ?? found[0]
}

/** Where Debian's packages of debug information put it. */
export function debugPath(release: string): string {
  return `/usr/lib/debug/boot/vmlinux-${release}`
}

async function places(
  { image, name, release }: Pick<Kernel, 'image' | 'name' | 'release'>,
  { root }: { root: string },
) {
  // TREE/arch/x86/boot/bzImage, or TREE/vmlinux itself.
  const [, given] = /^image:([^,]+)/.exec(name) ?? []
  const [, tree] = /^tree:([^@+,]+)/.exec(name) ?? []
  const own = given === undefined ? [] : [given, join(dirname(given), '../../../vmlinux')]
  return [
    image,
    ...own,
    ...(tree === undefined ? [] : [join(tree, 'vmlinux')]),
    // What a build has left: a bzImage that was kept has its vmlinux there until the next build.
    ...(await built(join(root, 'build'))),
    debugPath(release),
    `/usr/lib/debug/lib/modules/${release}/vmlinux`,
  ]
}

async function built(folder: string): Promise<string[]> {
  const names = (path: string) => readdir(path).catch(() => [])
  const trees = await names(folder)
  const configs = await Promise.all(
    trees.map(async (tree) => (await names(join(folder, tree))).map((one) => join(tree, one))),
  )
  return configs.flat().map((path) => join(folder, path, 'vmlinux'))
}

const SECTION_BYTES = 64
const SHT_NOTE = 7

/** What the table of sections of a 64-bit little-endian ELF file says. Throws when it is none. Source: elf(5). */
async function factsOf(path: string) {
  const file = await open(path)
  try {
    const header = await bytes(file, 0, 64)
    if (header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new TypeError(`${path} is no ELF file`)
    const count = header.readUInt16LE(60)
    const table = await bytes(file, Number(header.readBigUInt64LE(40)), count * SECTION_BYTES)
    const sections = Array.from({ length: count }, (_, index) => {
      const at = table.subarray(index * SECTION_BYTES)
      const [offset, size] = [Number(at.readBigUInt64LE(24)), Number(at.readBigUInt64LE(32))]
      return { name: at.readUInt32LE(0), type: at.readUInt32LE(4), offset, size }
    })
    const named = sections[header.readUInt16LE(62)]
    const names = named === undefined ? Buffer.alloc(0) : await bytes(file, named.offset, named.size)
    const has = (name: string) =>
      sections.some((section) => names.toString('latin1', section.name, names.indexOf(0, section.name)) === name)
    let build_id: string | undefined
    for (const { type, offset, size } of sections)
      if (type === SHT_NOTE) build_id ??= buildIdIn(await bytes(file, offset, size))
    return { build_id, symbols: has('.symtab'), dwarf: has('.debug_info') }
  } finally {
    await file.close()
  }
}

async function bytes(file: FileHandle, at: number, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, at)
  return buffer.subarray(0, bytesRead)
}
