const NT_GNU_BUILD_ID = 3
const OWNER = 'GNU\0'

/**
 * The build ID among ELF notes, as those of a kernel in /sys/kernel/notes or in its vmlinux: hexadecimal digits;
 * undefined where there is none. Source: elf(5), Elf64_Nhdr.
 */
export function buildIdIn(notes: Buffer): string | undefined {
  const padded = (size: number) => Math.ceil(size / 4) * 4
  for (let at = 0; at + 12 <= notes.length; ) {
    const [owner, content, type] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4), notes.readUInt32LE(at + 8)]
    const from = at + 12 + padded(owner)
    if (type === NT_GNU_BUILD_ID && notes.toString('latin1', at + 12, at + 12 + owner) === OWNER)
      return notes.toString('hex', from, from + content)
    at = from + padded(content)
  }
  return undefined
}
