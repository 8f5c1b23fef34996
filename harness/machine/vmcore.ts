import { open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HostError, messageOf } from '../base/errors.ts'
import { unflatten } from './flattened.ts'
import type { VirtualMachine } from './virtual-machine.ts'

/** Where a kernel keeps VMCOREINFO, as /sys/kernel/vmcoreinfo says it: an ELF note in physical memory. */
export interface NotePlace {
  readonly address: number
  readonly bytes: number
}

/** Reads the two hexadecimal numbers of /sys/kernel/vmcoreinfo; undefined for anything else. Source: kernel/ksysfs.c. */
export function parseNotePlace(text: string): NotePlace | undefined {
  const [, address, bytes] = /^0x([0-9a-f]+) ([0-9a-f]+)$/.exec(text.trim()) ?? []
  if (address === undefined || bytes === undefined) return undefined
  return { address: Number.parseInt(address, 16), bytes: Number.parseInt(bytes, 16) }
}

/**
 * Writes a guest's memory and registers as a dump of the kind that kdump makes (compressed by zlib), for crash and drgn.
 * The guest stands still meanwhile; one that has ended may be dumped as well, as long as QEMU is there.
 *
 * Such programs find their way by VMCOREINFO, a text of the kernel's. QEMU adds it only to a machine with its vmcoreinfo
 * device and a guest with the driver; so that it is the machine and the guest of every run, it is taken from the guest's
 * memory here, where it lies since the boot.
 * Throws HostError when the file cannot be written.
 */
export async function writeVmcore(vm: VirtualMachine, file: string, note: NotePlace | undefined): Promise<void> {
  const path = resolve(file)
  const [flat, raw] = [`${path}.flat`, `${path}.note`]
  try {
    await vm.qmp.execute('dump-guest-memory', { paging: false, protocol: `file:${flat}`, format: 'kdump-zlib' })
    await unflatten(flat, path)
    if (note === undefined) return
    await vm.qmp.execute('pmemsave', { val: note.address, size: note.bytes, filename: raw })
    await addVmcoreinfo(path, raw)
  } catch (cause) {
    throw new HostError(`The dump ${file} cannot be written: ${messageOf(cause)}`, { cause })
  } finally {
    for (const scratch of [flat, raw]) await rm(scratch, { force: true })
  }
}

const NOTE_HEADER = 12
const OWNER = 'VMCOREINFO\0'
/** The sub-header is the second block; blocks are pages. Source: QEMU's include/sysemu/dump.h, KdumpSubHeader64. */
const SUB_HEADER = 4096
const FIELD = { phys_base: 0, offset_vmcoreinfo: 32 }

/** The text goes to the end of the dump; the sub-header says where, and has the kernel's base, which the text knows. */
async function addVmcoreinfo(path: string, note: string): Promise<void> {
  const text = noteText(await readWhole(note))
  if (text === undefined) return
  const dump = await open(path, 'r+')
  try {
    const { size } = await dump.stat()
    await dump.write(text, 0, text.length, size)
    await dump.write(longs(size, text.length), 0, 16, SUB_HEADER + FIELD.offset_vmcoreinfo)
    const [, base] = /^NUMBER\(phys_base\)=(-?\d+)$/m.exec(text.toString('latin1')) ?? []
    if (base !== undefined) await dump.write(longs(BigInt(base)), 0, 8, SUB_HEADER + FIELD.phys_base)
  } finally {
    await dump.close()
  }
}

/** The content of a note whose owner is VMCOREINFO; undefined for another. Source: elf(5), Elf64_Nhdr. */
export function noteText(note: Buffer): Buffer | undefined {
  if (note.length < NOTE_HEADER) return undefined
  const [owner, content] = [note.readUInt32LE(0), note.readUInt32LE(4)]
  if (note.toString('latin1', NOTE_HEADER, NOTE_HEADER + owner) !== OWNER) return undefined
  const from = NOTE_HEADER + Math.ceil(owner / 4) * 4
  return note.subarray(from, from + content)
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function longs(...values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  values.forEach((value, index) => {
    bytes.writeBigInt64LE(BigInt(value), index * 8)
  })
  return bytes
}
