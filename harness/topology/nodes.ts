/**
 * What a NUMA node of a machine is made of, as plain data.
 * Sizes are bytes; `cpus` is a list in the kernel's format, empty for a node without CPUs.
 */
interface Sockets {
  /** DIMMs that can be plugged in while the guest runs, one for each size; none when left out. */
  readonly dimm_bytes?: readonly number[]
  /** The most that a virtio-mem device can give; there is none when left out. */
  readonly virtio_mem_bytes?: number
  /** Size of a virtio-pmem device; there is none when left out. */
  readonly virtio_pmem_bytes?: number
}
export interface DramSpec extends Sockets {
  readonly kind: 'dram'
  readonly memory_bytes: number
  readonly cpus: string
}
export interface MemorylessSpec extends Sockets {
  readonly kind: 'memoryless'
  readonly cpus: string
}
/** One NVDIMM for each size; the node has neither CPUs nor boot memory. */
export interface PmemSpec<Sizes extends readonly number[] = readonly number[]> extends Sockets {
  readonly kind: 'pmem'
  readonly pmem_bytes: Sizes
}
/** DRAM and NVDIMMs of the same proximity domain. */
export interface MixedSpec<Sizes extends readonly number[] = readonly number[]> extends Sockets {
  readonly kind: 'mixed'
  readonly memory_bytes: number
  readonly cpus: string
  readonly pmem_bytes: Sizes
}
/** Memory that firmware has set aside for dax: soft reserved, as that of CXL or HBM is. No boot memory, and no CPUs. */
export interface SoftReservedSpec extends Sockets {
  readonly kind: 'soft-reserved'
  readonly reserved_bytes: number
  /** One dax device of all of it, as dax_hmem makes it by default; else it is left to be divided (`region_idle`). */
  readonly whole: boolean
}
export type NodeSpec = DramSpec | MemorylessSpec | PmemSpec | MixedSpec | SoftReservedSpec

/** A node of boot memory; without `cpus` it is a memory-only node. */
export function dram(bytes: number, options: { cpus?: string } = {}): DramSpec {
  return { kind: 'dram', memory_bytes: bytes, cpus: options.cpus ?? '' }
}

/** A node of CPUs alone; without `cpus` it is a place for memory that is plugged in later. */
export function memoryless(options: { cpus?: string } = {}): MemorylessSpec {
  return { kind: 'memoryless', cpus: options.cpus ?? '' }
}

/** A node of persistent memory alone: one NVDIMM for each size. */
export function pmem<const Sizes extends readonly [number, ...number[]]>(...bytes: Sizes): PmemSpec<Sizes> {
  return { kind: 'pmem', pmem_bytes: bytes }
}

/**
 * A node of soft reserved memory alone: a dynamic dax region, of which daxctl makes dax devices. With `whole` there is one
 * device of all of it from the start, as there is on most machines.
 */
export function softReserved(bytes: number, options: { whole?: boolean } = {}): SoftReservedSpec {
  return { kind: 'soft-reserved', reserved_bytes: bytes, whole: options.whole ?? false }
}

/** DRAM and persistent memory on one node. */
export function dramAndPmem<const Sizes extends readonly [number, ...number[]]>(
  bytes: number,
  options: { cpus?: string; pmem: Sizes },
): MixedSpec<Sizes> {
  return { kind: 'mixed', memory_bytes: bytes, cpus: options.cpus ?? '', pmem_bytes: options.pmem }
}

/** The same node with DIMMs that can be plugged in while the guest runs: one for each size. */
export function withDimms<const Node extends NodeSpec, const Sizes extends readonly [number, ...number[]]>(
  node: Node,
  ...bytes: Sizes
): Node & { readonly dimm_bytes: Sizes } {
  return { ...node, dimm_bytes: bytes }
}

/** The same node with a virtio-mem device, which gives nothing at first and up to `bytes` when it is asked to. */
export function withVirtioMem<const Node extends NodeSpec>(
  node: Node,
  bytes: number,
): Node & { readonly virtio_mem_bytes: number } {
  return { ...node, virtio_mem_bytes: bytes }
}

/** The same node with a virtio-pmem device: persistent memory without labels. It is for the last node alone. */
export function withVirtioPmem<const Node extends NodeSpec>(
  node: Node,
  bytes: number,
): Node & { readonly virtio_pmem_bytes: number } {
  return { ...node, virtio_pmem_bytes: bytes }
}

/** Boot memory of a node, in bytes; 0 for none. */
export function memoryOf(node: NodeSpec): number {
  return node.kind === 'dram' || node.kind === 'mixed' ? node.memory_bytes : 0
}

/** Soft reserved memory of a node, in bytes; 0 for none. */
export function reservedOf(node: NodeSpec): number {
  return node.kind === 'soft-reserved' ? node.reserved_bytes : 0
}

/** What QEMU gives the node as RAM, in bytes: boot memory and what is soft reserved. */
export function ramOf(node: NodeSpec): number {
  return memoryOf(node) + reservedOf(node)
}

export function cpusOf(node: NodeSpec): string {
  return node.kind === 'pmem' || node.kind === 'soft-reserved' ? '' : node.cpus
}

/** Sizes of a node's NVDIMMs, in bytes. */
export function pmemOf(node: NodeSpec): readonly number[] {
  return node.kind === 'pmem' || node.kind === 'mixed' ? node.pmem_bytes : []
}

/** Sizes of the DIMMs that can be plugged into a node, in bytes. */
export function dimmsOf(node: NodeSpec): readonly number[] {
  return node.dimm_bytes ?? []
}

/** Size of a node's virtio-mem device, in bytes; 0 without one. */
export function virtioMemOf(node: NodeSpec): number {
  return node.virtio_mem_bytes ?? 0
}

/** Size of a node's virtio-pmem device, in bytes; 0 without one. */
export function virtioPmemOf(node: NodeSpec): number {
  return node.virtio_pmem_bytes ?? 0
}

/** Whether memory can be plugged into the node while the guest runs. */
export function isPluggable(node: NodeSpec): boolean {
  return dimmsOf(node).length > 0 || virtioMemOf(node) > 0 || virtioPmemOf(node) > 0
}
