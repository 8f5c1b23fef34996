import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../harness/base/store.ts'
import { bootImage } from '../../kernels/index.ts'
import { payloadOf } from '../../kernels/payload.ts'
import { hasPvhNote } from '../../kernels/pvh-note.ts'
import { COMPRESSORS, elfFile, packedImage, payloadImage } from './fixtures.ts'

const PVH = elfFile([
  { owner: 'Linux\0', type: 0x100, content: Buffer.alloc(1) },
  { owner: 'Xen\0', type: 18, content: Buffer.from('0010000000000000', 'hex') },
])
const OTHER = elfFile([
  { owner: 'GNU\0', type: 18, content: Buffer.alloc(4) },
  { owner: 'Xen\0', type: 6, content: Buffer.from('linux\0') },
])

/** What is booted of an image that holds this content. */
async function booted(t: Tap, content: Buffer, folder = t.testdir()) {
  const store = new Store(join(folder, 'cache'))
  const image = join(folder, 'vmlinuz')
  await writeFile(image, content)
  const said: string[] = []
  const boot = await bootImage({ name: 'debian:6.6', image }, { store, log: (sentence) => said.push(sentence) })
  return { boot, image, said }
}
type Tap = { testdir(): string }

t.test('the note that names a PVH entry', async (t) => {
  t.ok(hasPvhNote(PVH))
  t.notOk(hasPvhNote(OTHER))
  t.notOk(hasPvhNote(elfFile([])))
  for (let length = 0; length < PVH.length; length += 1)
    t.notOk(hasPvhNote(PVH.subarray(0, length)), `cut at ${length}`)
  const arm = Buffer.from(PVH)
  arm.writeUInt16LE(183, 18)
  t.notOk(hasPvhNote(arm), 'another processor')
})

t.test('a payload of each compression that the build knows and this harness decompresses', async (t) => {
  for (const compression of COMPRESSORS) {
    const folder = t.testdir()
    const content = await packedImage(compression, PVH)
    const first = await booted(t, content, folder)
    t.equal(first.boot.entry, 'pvh', `${compression}: ${first.boot.reason}`)
    t.same(await readFile(first.boot.path), PVH, `${compression}: every byte`)
    t.match(first.said, [/^Decompressed debian:6\.6/])
    const again = await booted(t, content, folder)
    t.same(again.boot, first.boot)
    t.same(again.said, [], 'decompressed once')
    const other = await booted(t, await packedImage(compression, OTHER))
    t.match(other.boot, { entry: 'bzImage', path: other.image, reason: /no PVH entry/ }, compression)
    t.same(other.said, [])
  }
})

t.test('a vmlinux of the user’s is booted as it is', async (t) => {
  const { boot, image } = await booted(t, OTHER)
  t.match(boot, { entry: 'pvh', path: image })
})

t.test('an image that yields nothing is booted as it is, and the reason says why', async (t) => {
  const size = Buffer.from('00010000', 'hex')
  const lzo = payloadImage(Buffer.concat([Buffer.from('894c5a4f000d0a1a0a', 'hex'), size]))
  const unknown = payloadImage(Buffer.concat([Buffer.from('cafebabe00000000', 'hex'), size]))
  const old = await packedImage('gzip', PVH)
  old.writeUInt16LE(0x207, 0x206)
  const long = await packedImage('gzip', PVH)
  long.writeUInt32LE(long.length, 0x24c)
  const cases: [content: Buffer, reason: RegExp][] = [
    [Buffer.alloc(0x1000), /no setup header/],
    [Buffer.alloc(10), /no setup header/],
    [old, /older than 2\.08/],
    [long, /ends before its payload does/],
    [payloadImage(Buffer.alloc(0)), /ends before its payload does/],
    [lzo, /compressed with lzo$/],
    [unknown, /begins with cafe/],
  ]
  for (const [content, reason] of cases) {
    const { boot, image } = await booted(t, content)
    t.match(boot, { entry: 'bzImage', path: image, reason })
  }
})

t.test('a damaged payload is booted as it is', async (t) => {
  for (const compression of COMPRESSORS) {
    const whole = await packedImage(compression, PVH)
    const payload = payloadOf(whole)
    if (typeof payload === 'string') return t.fail(payload)
    // Cut in the middle, the size behind it.
    const size = Buffer.alloc(4)
    size.writeUInt32LE(payload.size_bytes)
    const half = payload.bytes.subarray(0, payload.bytes.length / 2)
    const { boot, image, said } = await booted(t, payloadImage(Buffer.concat([half, size])))
    t.match(boot, { entry: 'bzImage', path: image }, compression)
    t.match(boot.reason, /damaged|Decompressing a kernel failed/, compression)
    t.same(said, [])
  }
  const wrong = await packedImage('zstd', PVH)
  wrong.writeUInt32LE(7, wrong.length - 4)
  t.match((await booted(t, wrong)).boot.reason, /damaged \(\d+ bytes came out of it instead of 7\)/)
})

t.test('without the program the image is booted as it is, until there is one', async (t) => {
  const folder = t.testdir()
  const content = await packedImage('lz4', PVH)
  const path = process.env.PATH
  process.env.PATH = folder
  const { boot } = await booted(t, content, folder).finally(() => {
    process.env.PATH = path
  })
  t.match(boot, { entry: 'bzImage', reason: 'there is no program lz4 to decompress it with' })
  t.equal((await booted(t, content, folder)).boot.entry, 'pvh')
})

t.test('a vmlinux that was altered in the cache is made again', async (t) => {
  const folder = t.testdir()
  const content = await packedImage('zstd', PVH)
  const { boot } = await booted(t, content, folder)
  await writeFile(boot.path, 'evil')
  const again = await booted(t, content, folder)
  t.same(await readFile(again.boot.path), PVH)
  t.match(again.said, [/altered|truncated/, /Decompressed/])
})
