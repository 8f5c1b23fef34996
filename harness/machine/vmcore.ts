import { open, readFile, rm } from 'node:fs/promises'
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

/** What a guest knows of its kernel, to be asked while it lives. */
export interface KernelFacts {
  /** As `uname` says them: sysname, nodename, release, version, machine. */
  readonly uname: readonly string[]
  /** Undefined for a kernel without VMCOREINFO. */
  readonly vmcoreinfo: NotePlace | undefined
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
export async function writeVmcore(vm: VirtualMachine, file: string, { uname, vmcoreinfo }: KernelFacts): Promise<void> {
  const path = resolve(file)
  const [flat, raw] = [`${path}.flat`, `${path}.note`]
  try {
    await vm.qmp.execute('dump-guest-memory', { paging: false, protocol: `file:${flat}`, format: 'kdump-zlib' })
    await unflatten(flat, path)
    await addNames(path, uname)
    if (vmcoreinfo === undefined) return
    await vm.qmp.execute('pmemsave', { val: vmcoreinfo.address, size: vmcoreinfo.bytes, filename: raw })
    await addVmcoreinfo(path, raw)
  } catch (cause) {
    await rm(path, { force: true })
    throw new HostError(`The dump ${file} cannot be written: ${messageOf(cause)}`, { cause })
  } finally {
    for (const scratch of [flat, raw]) await rm(scratch, { force: true })
  }
}

/** Behind the signature and a version, in the first block. Source: QEMU's include/sysemu/dump.h, NewUtsname. */
const UTSNAME = 12
const NAME_BYTES = 65

/** QEMU knows the machine only, and libkdumpfile, by which drgn reads, then takes none of the names for good. */
async function addNames(path: string, uname: readonly string[]): Promise<void> {
  const names = Buffer.alloc(NAME_BYTES * uname.length)
  uname.forEach((name, index) => {
    names.write(name.slice(0, NAME_BYTES - 1), index * NAME_BYTES, 'latin1')
  })
  const dump = await open(path, 'r+')
  try {
    await dump.write(names, 0, names.length, UTSNAME)
  } finally {
    await dump.close()
  }
}

const NOTE_HEADER = 12
const OWNER = 'VMCOREINFO\0'
/** The sub-header is the second block; blocks are pages. Source: QEMU's include/sysemu/dump.h, KdumpSubHeader64. */
const SUB_HEADER = 4096
const FIELD = { phys_base: 0, offset_vmcoreinfo: 32, offset_note: 48 }

/**
 * The notes of the dump (registers) go to its end once more, with the one of the kernel behind them; the sub-header says
 * where both are now, and has the kernel's base, which the text knows. What the notes were before is left unused.
 */
async function addVmcoreinfo(path: string, raw: string): Promise<void> {
  const note = await readFile(raw)
  const text = noteText(note)
  if (text === undefined) return
  const dump = await open(path, 'r+')
  try {
    const header = (await dump.read(Buffer.alloc(128), 0, 128, SUB_HEADER)).buffer
    const [at, bytes] = [FIELD.offset_note, FIELD.offset_note + 8].map((field) => Number(header.readBigUInt64LE(field)))
    const notes = (await dump.read(Buffer.alloc(bytes ?? 0), 0, bytes, at)).buffer
    const used = note.subarray(0, text.byteOffset - note.byteOffset + Math.ceil(text.length / 4) * 4)
    const { size } = await dump.stat()
    await dump.write(Buffer.concat([notes, used]), 0, notes.length + used.length, size)
    await dump.write(longs(size, notes.length + used.length), 0, 16, SUB_HEADER + FIELD.offset_note)
    const start = size + notes.length + text.byteOffset - note.byteOffset
    await dump.write(longs(start, text.length), 0, 16, SUB_HEADER + FIELD.offset_vmcoreinfo)
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

function longs(...values: readonly (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  values.forEach((value, index) => {
    bytes.writeBigInt64LE(BigInt(value), index * 8)
  })
  return bytes
}
