import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { buildIdIn, symbolsOf } from '../../kernels/index.ts'

const ID = '00112233445566778899aabbccddeeff00112233'

function note(owner: string, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(owner.length, 0)
  head.writeUInt32LE(content.length, 4)
  head.writeUInt32LE(type, 8)
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  return Buffer.concat([head, padded(Buffer.from(owner)), padded(content)])
}

const notes = (id: string) =>
  Buffer.concat([note('Xen\0', 6, Buffer.from('linux\0')), note('GNU\0', 3, Buffer.from(id, 'hex'))])

t.test('the build ID among a kernel’s notes', async (t) => {
  t.equal(buildIdIn(notes(ID)), ID)
  t.equal(buildIdIn(note('Xen\0', 3, Buffer.from('abcd'))), undefined, 'another owner')
  t.equal(buildIdIn(note('GNU\0', 1, Buffer.from('abcd'))), undefined, 'another type')
  t.equal(buildIdIn(Buffer.alloc(0)), undefined)
})

/** A 64-bit ELF file that has nothing but sections: notes, and those named. */
function elf(id: string, ...named: string[]): Buffer {
  const names = ['', '.notes', '.shstrtab', ...named]
  const strings = Buffer.from(`${names.join('\0')}\0`)
  const content = notes(id)
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01', 'latin1')
  header.writeBigUInt64LE(64n, 40)
  header.writeUInt16LE(names.length, 60)
  header.writeUInt16LE(2, 62)
  const start = 64 + names.length * 64
  const table = names.map((name, index) => {
    const section = Buffer.alloc(64)
    section.writeUInt32LE(strings.indexOf(`${name}\0`), 0)
    section.writeUInt32LE([0, 7, 3][index] ?? 1, 4)
    const [at, size] = index === 1 ? [start, content.length] : [start + content.length, strings.length]
    section.writeBigUInt64LE(BigInt(at), 24)
    section.writeBigUInt64LE(BigInt(size), 32)
    return section
  })
  return Buffer.concat([header, ...table, content, strings])
}

t.test('the vmlinux with symbols of a kernel is found by its build ID', async (t) => {
  const root = t.testdir()
  const put = (path: string, bytes: Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
    return join(root, path)
  }
  const find = (kernel: Partial<{ image: string; name: string }>) =>
    symbolsOf({ image: '/nowhere', name: 'debian:6.1', release: 'no-such-release', ...kernel }, ID, { root })
  t.equal(await find({}), undefined, 'nothing there')
  t.equal(await find({ image: put('bzImage', Buffer.alloc(5000)) }), undefined, 'a bzImage')
  t.equal(await find({ image: put('stripped', elf(ID)) }), undefined, 'a vmlinux without symbols')
  const image = put('vmlinux', elf(ID, '.symtab'))
  t.same(await find({ image }), { path: image, dwarf: false })
  put('build/tree/lab/vmlinux', elf(ID.replace('0', '1'), '.symtab', '.debug_info'))
  t.same(await find({ image }), { path: image, dwarf: false }, 'what was built last is another kernel')
  const built = put('build/tree/symbols/vmlinux', elf(ID, '.symtab', '.debug_info'))
  t.same(await find({ image }), { path: built, dwarf: true }, 'rather that with types and lines')
  const own = put('linux/vmlinux', elf(ID, '.symtab', '.debug_info'))
  const given = join(root, 'linux/arch/x86/boot/bzImage')
  t.match(await find({ image, name: `image:${given},modules=x` }), { path: own }, 'in the tree of an image')
  t.match(await find({ image, name: `tree:${join(root, 'linux')}@abc` }), { path: own }, 'in a tree')
})
