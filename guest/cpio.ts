import { UsageError } from '../harness/base/errors.ts'

/** One member of an archive. Paths are relative, without a leading `/` or `./`. */
export type CpioEntry = { readonly path: string } & (
  | { readonly kind: 'directory'; readonly mode?: number }
  | { readonly kind: 'file'; readonly mode?: number; readonly data: Uint8Array }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'character-device'; readonly mode?: number; readonly major: number; readonly minor: number }
)

/**
 * A `newc` archive, the only format that the kernel unpacks (init/initramfs.c). Equal entries give equal bytes: sorted
 * by path, owned by root, dated 1970, inodes counted. Missing parent directories are added, because the kernel drops a
 * file whose directory is not there. The length is a multiple of 512, so archives can be joined: the kernel skips zeros
 * between two of them.
 */
export function cpioArchive(entries: Iterable<CpioEntry>): Buffer {
  const chunks = withParents(entries).flatMap((entry, index) => member(entry, index + 1))
  const archive = Buffer.concat([...chunks, ...record('TRAILER!!!', { inode: 0, mode: 0, links: 1 })])
  return pad(archive, 512)
}

/** Archives of earlier layers first: where two hold the same path, the kernel keeps the later one. */
export function joinLayers(layers: readonly Uint8Array[]): Buffer {
  return Buffer.concat(layers.map((layer) => pad(layer, 512)))
}

function withParents(entries: Iterable<CpioEntry>): CpioEntry[] {
  const byPath = new Map<string, CpioEntry>()
  for (const entry of entries) {
    if (!isPlainPath(entry.path))
      throw new UsageError(
        `“${entry.path}” cannot be a path in a guest image: write it relative to the root, without “.” and “..”.`,
      )
    byPath.set(entry.path, entry)
  }
  for (const path of [...byPath.keys()])
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash)
      if (!byPath.has(parent)) byPath.set(parent, { path: parent, kind: 'directory' })
    }
  // By code units, not by locale; a directory sorts before what is in it.
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function isPlainPath(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

// File types, from include/uapi/linux/stat.h.
const S_IFDIR = 0o040000
const S_IFCHR = 0o020000
const S_IFREG = 0o100000
const S_IFLNK = 0o120000

function member(entry: CpioEntry, inode: number): Buffer[] {
  switch (entry.kind) {
    case 'directory':
      return record(entry.path, { inode, mode: S_IFDIR | (entry.mode ?? 0o755), links: 2 })
    case 'file':
      return record(entry.path, { inode, mode: S_IFREG | (entry.mode ?? 0o644), links: 1, data: entry.data })
    case 'symlink':
      return record(entry.path, { inode, mode: S_IFLNK | 0o777, links: 1, data: Buffer.from(entry.target) })
    case 'character-device': {
      const { major, minor } = entry
      return record(entry.path, { inode, mode: S_IFCHR | (entry.mode ?? 0o600), links: 1, major, minor })
    }
  }
}

interface Fields {
  readonly inode: number
  readonly mode: number
  readonly links: number
  readonly data?: Uint8Array
  readonly major?: number
  readonly minor?: number
}

function record(path: string, { inode, mode, links, data = new Uint8Array(), major = 0, minor = 0 }: Fields): Buffer[] {
  const name = Buffer.from(`${path}\0`)
  const [uid, gid, mtime, deviceMajor, deviceMinor, check] = [0, 0, 0, 0, 0, 0]
  const numbers = [inode, mode, uid, gid, links, mtime, data.length, deviceMajor, deviceMinor, major, minor]
  const header = [...numbers, name.length, check].map((number) => number.toString(16).padStart(8, '0')).join('')
  return [pad(Buffer.concat([Buffer.from(`070701${header}`), name]), 4), pad(data, 4)]
}

function pad(bytes: Uint8Array, multiple: number): Buffer {
  const missing = (multiple - (bytes.length % multiple)) % multiple
  return Buffer.concat([bytes, Buffer.alloc(missing)])
}
