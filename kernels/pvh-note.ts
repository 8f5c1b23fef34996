const PT_NOTE = 4
const EM_X86_64 = 62

/**
 * True for an ELF file for x86-64 with a note that names its PVH entry: owner “Xen”, type XEN_ELFNOTE_PHYS32_ENTRY.
 * Without it QEMU does not boot a vmlinux. Sources: include/xen/interface/elfnote.h, QEMU's hw/i386/x86.c.
 */
export function hasPvhNote(file: Buffer): boolean {
  if (file.length < 64 || file.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return false
  if (file.readUInt16LE(18) !== EM_X86_64) return false
  const [table, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)]
  for (let index = 0; index < count; index += 1) {
    const header = file.subarray(table + index * size).subarray(0, 56)
    if (header.length < 56 || header.readUInt32LE(0) !== PT_NOTE) continue
    const [from, length] = [Number(header.readBigUInt64LE(8)), Number(header.readBigUInt64LE(32))]
    const notes = file.subarray(from, from + length)
    if (isPvhNoteAmong(notes, header.readBigUInt64LE(48) === 8n ? 8 : 4)) return true
  }
  return false
}

const PHYS32_ENTRY = 18
const OWNER = 'Xen\0'

/** A note is the sizes of its owner and its content, its type, and both of these, each padded. */
function isPvhNoteAmong(notes: Buffer, alignment: number): boolean {
  const padded = (size: number) => Math.ceil(size / alignment) * alignment
  let rest = notes
  while (rest.length >= 12) {
    const [owner, content, type] = [rest.readUInt32LE(0), rest.readUInt32LE(4), rest.readUInt32LE(8)]
    const from = padded(12 + owner)
    const whole = content >= 4 && from + content <= rest.length
    if (whole && type === PHYS32_ENTRY && rest.toString('latin1', 12, 12 + owner) === OWNER) return true
    rest = rest.subarray(from + padded(content))
  }
  return false
}
