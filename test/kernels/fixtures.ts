import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** The first bytes of a bzImage, whose header points to this banner. */
export function bzImage(banner: string): Buffer {
  const image = Buffer.alloc(0x1000)
  image.writeUInt16LE(0xaa55, 0x1fe)
  image.write('HdrS', 0x202)
  image.writeUInt16LE(0x300, 0x20e)
  image.write(`${banner}\0`, 0x500)
  return image
}

export const COMPRESSORS = ['gzip', 'xz', 'zstd', 'lz4'] as const

/** A bzImage that holds this kernel, compressed as the kernel's build does it. */
export async function packedImage(compression: (typeof COMPRESSORS)[number], kernel: Buffer): Promise<Buffer> {
  const options = { gzip: ['-n', '-9'], xz: ['--check=crc32'], zstd: ['-q', '-19'], lz4: ['-l', '-9', '-q'] }
  const running = promisify(execFile)(compression, [...options[compression], '-c'], { encoding: 'buffer' })
  running.child.stdin?.end(kernel)
  const packed = (await running).stdout
  const size = Buffer.alloc(4)
  size.writeUInt32LE(kernel.length)
  return payloadImage(compression === 'gzip' ? packed : Buffer.concat([packed, size]))
}

/** A bzImage of three setup sectors with this payload at its end. */
export function payloadImage(payload: Buffer): Buffer {
  const head = bzImage('6.6.6 (a@b)')
  head.writeUInt8(3, 0x1f1)
  head.writeUInt16LE(0x20f, 0x206)
  head.writeUInt32LE(head.length - 4 * 512, 0x248)
  head.writeUInt32LE(payload.length, 0x24c)
  return Buffer.concat([head, payload])
}

/** An executable ELF file for x86-64 of one segment, which holds notes. */
export function elfFile(
  notes: readonly { readonly owner: string; readonly type: number; readonly content: Buffer }[],
): Buffer {
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
  const encoded = notes.map(({ owner, type, content }) => {
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(owner.length, 0)
    sizes.writeUInt32LE(content.length, 4)
    sizes.writeUInt32LE(type, 8)
    return Buffer.concat([sizes, padded(Buffer.from(owner)), padded(content)])
  })
  const segment = Buffer.concat(encoded)
  const header = Buffer.alloc(64 + 56)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(62, 18)
  header.writeBigUInt64LE(64n, 32)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(1, 56)
  header.writeUInt32LE(4, 64)
  header.writeBigUInt64LE(BigInt(header.length), 64 + 8)
  header.writeBigUInt64LE(BigInt(segment.length), 64 + 32)
  header.writeBigUInt64LE(4n, 64 + 48)
  return Buffer.concat([header, segment])
}

/** A relocatable ELF file with just what depmod reads: exported names and undefined symbols. */
export function moduleFile({ exports = [], needs = [] }: { exports?: string[]; needs?: string[] }): Buffer {
  const strings = (names: string[]) => Buffer.from(['', ...names, ''].join('\0'))
  const symbols = Buffer.alloc(24 * (needs.length + 1))
  const names = strings(needs)
  needs.forEach((name, at) => {
    symbols.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, 24 * (at + 1))
    symbols.writeUInt8(0x10, 24 * (at + 1) + 4)
  })
  const sections: [name: string, type: number, content: Buffer, link: number, size: number][] = [
    ['.modinfo', 1, Buffer.from('license=GPL\0'), 0, 0],
    ['__ksymtab_strings', 1, strings(exports), 0, 0],
    ['.symtab', 2, symbols, 4, 24],
    ['.strtab', 3, names, 0, 0],
  ]
  const titles = strings([...sections.map(([name]) => name), '.shstrtab'])
  sections.push(['.shstrtab', 3, titles, 0, 0])
  const header = Buffer.alloc(64)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(1, 16)
  header.writeUInt16LE(62, 18)
  header.writeUInt32LE(1, 20)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(64, 58)
  header.writeUInt16LE(sections.length + 1, 60)
  header.writeUInt16LE(sections.length, 62)
  const table = Buffer.alloc(64 * (sections.length + 1))
  let offset = 64
  sections.forEach(([name, type, content, link, size], at) => {
    const entry = table.subarray(64 * (at + 1))
    entry.writeUInt32LE(titles.indexOf(`\0${name}\0`) + 1, 0)
    entry.writeUInt32LE(type, 4)
    entry.writeBigUInt64LE(BigInt(offset), 24)
    entry.writeBigUInt64LE(BigInt(content.length), 32)
    entry.writeUInt32LE(link, 40)
    entry.writeBigUInt64LE(1n, 48)
    entry.writeBigUInt64LE(BigInt(size), 56)
    offset += content.length
  })
  header.writeBigUInt64LE(BigInt(offset), 40)
  return Buffer.concat([header, ...sections.map(([, , content]) => content), table])
}

export async function writeFiles(folder: string, files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

/** All modules that a kernel must have, one that needs another, one nobody wants and its exporter that is needed. */
export function guestModules(): Record<string, Buffer> {
  return {
    'kernel/drivers/virtio/virtio_pci.ko': moduleFile({}),
    'kernel/drivers/char/virtio_console.ko': moduleFile({}),
    'kernel/drivers/acpi/nfit/nfit.ko': moduleFile({ needs: ['nvdimm_create', 'far_away'] }),
    'kernel/drivers/nvdimm/libnvdimm.ko': moduleFile({ exports: ['nvdimm_create'] }),
    'kernel/drivers/dax/device_dax.ko': moduleFile({}),
    'kernel/drivers/dax/dax_pmem.ko': moduleFile({ needs: ['nvdimm_create'] }),
    'kernel/drivers/dax/kmem.ko': moduleFile({}),
    'kernel/drivers/misc/needed.ko': moduleFile({ exports: ['far_away'] }),
    'kernel/fs/unwanted.ko': moduleFile({}),
  }
}

export interface TinyPackage {
  readonly name: string
  readonly version: string
  readonly depends?: string
  readonly files: Readonly<Record<string, Buffer | string>>
}

/** Builds an archive with one suite that apt reads without a network, and a configuration folder that names it. */
export async function tinyArchive(folder: string, suite: string, packages: readonly TinyPackage[]): Promise<string> {
  const archive = join(folder, 'archive')
  const index: string[] = []
  for (const { name, version, depends, files } of packages) {
    const tree = join(folder, 'trees', `${name}_${version}`)
    const control = [`Package: ${name}`, `Version: ${version}`, 'Architecture: amd64', 'Maintainer: a <a@b.c>']
    if (depends !== undefined) control.push(`Depends: ${depends}`)
    control.push('Description: for a test')
    await writeFiles(tree, { 'DEBIAN/control': `${control.join('\n')}\n`, ...files })
    const filename = `pool/${name}_${version}_amd64.deb`
    const deb = join(archive, filename)
    await mkdir(dirname(deb), { recursive: true })
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', tree, deb])
    const size = (await stat(deb)).size
    index.push([...control, `Filename: ${filename}`, `Size: ${size}`, `SHA256: ${await sha256(deb)}`, ''].join('\n'))
  }
  const text = index.join('\n')
  const sum = `${createHash('sha256').update(text).digest('hex')} ${Buffer.byteLength(text)} main/binary-amd64/Packages`
  await writeFiles(join(archive, 'dists', suite), {
    'main/binary-amd64/Packages': text,
    Release: `Origin: Test\nSuite: ${suite}\nCodename: ${suite}\nArchitectures: amd64\nComponents: main\nSHA256:\n ${sum}\n`,
  })
  const etc = join(folder, 'etc')
  await writeFiles(etc, { 'sources.list': `deb [trusted=yes] file:${archive} ${suite} main\n` })
  return etc
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
