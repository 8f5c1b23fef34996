export interface ElfLinks {
  /** The name by which others need it (DT_SONAME); undefined for programs. */
  readonly soname: string | undefined
  /** The libraries that it needs (DT_NEEDED), and the loader that it asks for (PT_INTERP). */
  readonly needed: readonly string[]
}

/** What a 64-bit little-endian ELF file is linked with; undefined for any other file. Source: elf(5). */
export function elfLinks(file: Buffer): ElfLinks | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== ELF_MAGIC || file[4] !== CLASS_64 || file[5] !== LITTLE_ENDIAN)
    return undefined
  const segments = programHeaders(file)
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
  const tags = dynamic ? dynamicTags(file.subarray(dynamic.offset, dynamic.offset + dynamic.bytes)) : []
  const strings = stringTable(tags, segments)
  const named = (wanted: number) =>
    tags.filter(({ tag }) => tag === wanted).map(({ value }) => textAt(file, strings + value))
  const loader = segments.filter(({ type }) => type === PT_INTERP).map(({ offset }) => baseName(textAt(file, offset)))
  return { soname: named(DT_SONAME)[0], needed: [...new Set([...loader, ...named(DT_NEEDED)])] }
}

const ELF_MAGIC = 0x7f454c46
const CLASS_64 = 2
const LITTLE_ENDIAN = 1
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_SONAME = 14

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly bytes: number
}

interface Tag {
  readonly tag: number
  readonly value: number
}

function programHeaders(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(32))
  const size = file.readUInt16LE(54)
  const count = file.readUInt16LE(56)
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      bytes: Number(file.readBigUInt64LE(at + 32)),
    }
  })
}

function dynamicTags(section: Buffer): Tag[] {
  const tags: Tag[] = []
  for (let at = 0; at + 16 <= section.length; at += 16) {
    const tag = Number(section.readBigInt64LE(at))
    if (tag === DT_NULL) break
    tags.push({ tag, value: Number(section.readBigUInt64LE(at + 8)) })
  }
  return tags
}

/** Its place in the file; the dynamic section names it by its address in memory. 0 when there is none to look in. */
function stringTable(tags: readonly Tag[], segments: readonly Segment[]): number {
  const address = tags.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0
  const load = segments.find((it) => it.type === PT_LOAD && address >= it.address && address < it.address + it.bytes)
  return load ? load.offset + address - load.address : 0
}

function textAt(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, file.indexOf(0, offset))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
