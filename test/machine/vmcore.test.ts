import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { unflatten } from '../../harness/machine/flattened.ts'
import { noteText, parseNotePlace } from '../../harness/machine/vmcore.ts'

t.test('the place of VMCOREINFO: two hexadecimal numbers', async (t) => {
  t.same(parseNotePlace('0x0000000003f6a000 1024\n'), { address: 0x3f6a000, bytes: 0x1024 })
  t.equal(parseNotePlace(''), undefined, 'a kernel without it')
  t.equal(parseNotePlace('cat: no such file'), undefined)
})

/** An ELF note: the sizes of owner and content, the type, both of them, each padded to four bytes. */
function note(owner: string, content: string): Buffer {
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(owner.length, 0)
  sizes.writeUInt32LE(content.length, 4)
  const padded = (text: string) => Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, '\0'), 'latin1')
  return Buffer.concat([sizes, padded(owner), padded(content)])
}

t.test('the text in a note of the kernel’s, and in no other', async (t) => {
  const room = Buffer.alloc(100)
  const whole = Buffer.concat([note('VMCOREINFO\0', 'OSRELEASE=6.1.0\n'), room])
  t.equal(noteText(whole)?.toString(), 'OSRELEASE=6.1.0\n')
  t.equal(noteText(note('CORE\0', 'OSRELEASE=6.1.0\n')), undefined)
  t.equal(noteText(room), undefined, 'no note yet')
  t.equal(noteText(Buffer.alloc(3)), undefined)
})

/** A flattened dump of these pieces; without `end`, of one that QEMU could not finish. */
function flattened(pieces: readonly (readonly [offset: number, text: string])[], end = true): Buffer {
  const header = Buffer.alloc(4096)
  header.write('makedumpfile\0', 'latin1')
  const record = (offset: bigint, size: bigint) => {
    const bytes = Buffer.alloc(16)
    bytes.writeBigInt64BE(offset, 0)
    bytes.writeBigInt64BE(size, 8)
    return bytes
  }
  return Buffer.concat([
    header,
    ...pieces.flatMap(([offset, text]) => [record(BigInt(offset), BigInt(text.length)), Buffer.from(text)]),
    ...(end ? [record(-1n, -1n)] : []),
  ])
}

t.test('a flattened dump becomes an ordinary one', async (t) => {
  const [flat, dump] = ['flat', 'dump'].map((name) => join(t.testdir(), name)) as [string, string]
  writeFileSync(
    flat,
    flattened([
      [4, 'later'],
      [0, 'head'],
      [12, 'end'],
      [4, 'LATER'],
    ]),
  )
  await unflatten(flat, dump)
  t.equal(readFileSync(dump, 'latin1'), 'headLATER\0\0\0end')
  writeFileSync(flat, flattened([[0, 'head']], false))
  await t.rejects(unflatten(flat, dump), { message: 'The flattened dump ends at byte 4116.' })
  writeFileSync(flat, Buffer.alloc(5000))
  await t.rejects(unflatten(flat, dump), { message: /does not begin like a flattened one/ })
})
