import { parseNodeSet } from '../base/node-set.ts'
import { alignUp, BLOCK_BYTES, GiB } from '../base/size.ts'
import type { Range } from '../model/world.ts'
import type { MachineSpec } from './machine.ts'
import { cpusOf, dimmsOf, type NodeSpec, pmemOf, ramOf, reservedOf, virtioMemOf, virtioPmemOf } from './nodes.ts'

export interface DeviceLayout {
  readonly node: number
  readonly device: number
  readonly range: Range
}

export interface DimmLayout {
  readonly node: number
  readonly dimm: number
  readonly range: Range
}

export interface VirtioMemLayout {
  readonly node: number
  readonly range: Range
}

/** Where everything lies in the guest's physical memory. */
export interface Layout {
  readonly cpus: number
  /** Boot memory by node, in address order. */
  readonly boot: readonly (Range & { readonly node: number })[]
  /** Soft reserved memory by node, in address order. */
  readonly reserved: readonly (Range & { readonly node: number })[]
  readonly devices: readonly DeviceLayout[]
  /** Where DIMMs come to lie when they are plugged in. */
  readonly dimms: readonly DimmLayout[]
  /** What virtio-mem devices can give, behind the DIMMs. */
  readonly virtio_mems: readonly VirtioMemLayout[]
  /** virtio-pmem devices; among the devices of their node they come behind its NVDIMMs. */
  readonly virtio_pmems: readonly DeviceLayout[]
}

/**
 * The addresses that QEMU's q35 gives to boot memory, and those that we give, one behind the other, to NVDIMMs, DIMMs
 * and the devices of virtio.
 * Source: hw/i386/pc_q35.c, pc_q35_init() (lowmem 0xb0000000, or 0x80000000 from 0xb0000000 bytes of RAM on), and
 * hw/i386/pc.c, pc_get_device_memory_range(): the device memory begins at the next GiB above boot memory, from 4 GiB.
 */
export function layoutOf(spec: MachineSpec): Layout {
  const total = spec.nodes.reduce((sum, node) => sum + ramOf(node), 0)
  const low = total >= 0xb0000000 ? 0x80000000 : 0xb0000000
  const ram = placeRam(spec, low)
  const isReserved = ({ node }: { readonly node: number }) => reservedOf(spec.nodes[node] ?? NOTHING) > 0
  const above = Math.max(0, total - low)
  let next = alignUp(4 * GiB + above, GiB)
  const take = (bytes: number): Range => {
    next += bytes
    return { start: next - bytes, end: next }
  }
  const nodes = [...spec.nodes.entries()]
  return {
    cpus: spec.nodes.reduce((sum, node) => sum + parseNodeSet(cpusOf(node)).length, 0),
    boot: ram.filter((range) => !isReserved(range)),
    reserved: ram.filter(isReserved),
    devices: nodes.flatMap(([node, of]) => pmemOf(of).map((bytes, device) => ({ node, device, range: take(bytes) }))),
    dimms: nodes.flatMap(([node, of]) => dimmsOf(of).map((bytes, dimm) => ({ node, dimm, range: take(bytes) }))),
    virtio_mems: nodes.flatMap(([node, of]) => (virtioMemOf(of) === 0 ? [] : [{ node, range: take(virtioMemOf(of)) }])),
    virtio_pmems: nodes.flatMap(([node, of]) =>
      virtioPmemOf(of) === 0 ? [] : [{ node, device: pmemOf(of).length, range: take(virtioPmemOf(of)) }],
    ),
  }
}

const NOTHING: NodeSpec = { kind: 'memoryless', cpus: '' }

function placeRam(spec: MachineSpec, low: number): (Range & { node: number })[] {
  const ranges: (Range & { node: number })[] = []
  let next = 0
  spec.nodes.forEach((node, index) => {
    let left = ramOf(node)
    while (left > 0) {
      if (next === low) next = 4 * GiB
      const bytes = next < low ? Math.min(left, low - next) : left
      ranges.push({ node: index, start: next, end: next + bytes })
      next += bytes
      left -= bytes
    }
  })
  return ranges
}

/** Numbers of the memory blocks that lie wholly inside a range. */
export function blocksIn({ start, end }: Range): number[] {
  const first = Math.ceil(start / BLOCK_BYTES)
  const last = Math.floor(end / BLOCK_BYTES)
  return [...Array(Math.max(0, last - first)).keys()].map((offset) => first + offset)
}
