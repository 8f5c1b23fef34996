import { InvalidMachine } from '../base/errors.ts'
import { parseNodeSet } from '../base/node-set.ts'
import { BLOCK_BYTES, formatSize, GiB } from '../base/size.ts'
import { LOCAL_DISTANCE } from './distances.ts'
import { hmatTable } from './hmat.ts'
import { layoutOf } from './layout.ts'
import type { MachineSpec } from './machine.ts'
import {
  cpusOf,
  dimmsOf,
  dram,
  isPluggable,
  memoryOf,
  type NodeSpec,
  pmemOf,
  ramOf,
  reservedOf,
  virtioPmemOf,
} from './nodes.ts'

/** Limits that keep a guest cheap and inside what the layout models. */
export const MAX_NODES = 16
export const MAX_CPUS = 16
export const MAX_NVDIMMS = 7
export const MAX_BYTES = 48 * GiB
/** Source: drivers/virtio/virtio_mem.c, VIRTIO_MEM_DEFAULT_OFFLINE_THRESHOLD (6.1). */
export const MAX_VIRTIO_MEM = 1 * GiB

/** Throws InvalidMachine for the first broken rule, naming the node and the rule. */
export function validate(spec: MachineSpec): void {
  const { nodes } = spec
  if (nodes.length === 0) throw new InvalidMachine('A machine needs at least one node with CPUs and memory.')
  if (nodes.length > MAX_NODES) throw new InvalidMachine(`${nodes.length} nodes; ${MAX_NODES} are the most.`)
  const nvdimms = nodes.reduce((sum, node) => sum + pmemOf(node).length, 0)
  if (nvdimms > MAX_NVDIMMS) throw new InvalidMachine(`${nvdimms} NVDIMMs; ${MAX_NVDIMMS} are the most.`)
  nodes.forEach(validateSizes)
  const wrong = nodes.findIndex((node, index) => virtioPmemOf(node) > 0 && index !== nodes.length - 1)
  if (wrong >= 0)
    throw new InvalidMachine(
      `node ${wrong}: a virtio-pmem device is for the last node; QEMU names no other for memory that comes by virtio.`,
    )
  validateCpus(nodes)
  validateOrder(nodes)
  validateDistances(spec)
  validateHmat(spec)
  validateReserved(spec)
  validateNumaOff(spec)
  // Letters, and names of caches behind a comma.
  if (spec.slub_debug !== undefined && !/^[A-Z-]+(,[\w*-]+)*$/.test(spec.slub_debug))
    throw new InvalidMachine(`slubDebug: “${spec.slub_debug}” is not what slub_debug= takes, like FZP.`)
}

/** What is not told apart by node is not modelled further than memory at boot and NVDIMMs. */
function validateNumaOff({ numa, nodes, hmat }: MachineSpec): void {
  if (numa === undefined) return
  const other = nodes.findIndex((node) => isPluggable(node) || node.kind === 'soft-reserved')
  if (other >= 0) throw new InvalidMachine(`node ${other}: with numa=off a machine has boot memory and NVDIMMs alone.`)
  if (hmat !== null) throw new InvalidMachine('hmat: with numa=off the kernel looks at no table.')
}

/** The range is named on the kernel's command line, whole, and what lies below 4 GiB is needed to boot. */
function validateReserved(spec: MachineSpec): void {
  const nodes = [...spec.nodes.keys()].filter((node) => reservedOf(spec.nodes[node] ?? dram(0)) > 0)
  const [first, second] = nodes
  if (first === undefined) return
  if (second !== undefined)
    throw new InvalidMachine(
      `node ${second}: a machine can have one node of soft reserved memory, and node ${first} is one.`,
    )
  const ranges = layoutOf(spec).reserved
  if (ranges.length !== 1 || (ranges[0]?.start ?? 0) < 4 * GiB)
    throw new InvalidMachine(
      `node ${first}: soft reserved memory must lie above 4 GiB: give the nodes before it 2 GiB, and the node itself at least 768 MiB.`,
    )
}

function validateSizes(node: NodeSpec, index: number): void {
  const boot = node.kind === 'dram' || node.kind === 'mixed' ? [node.memory_bytes] : []
  const devices = [node.virtio_mem_bytes, node.virtio_pmem_bytes].filter((bytes) => bytes !== undefined)
  const reserved = node.kind === 'soft-reserved' ? [node.reserved_bytes] : []
  const sizes = [...boot, ...reserved, ...pmemOf(node), ...dimmsOf(node), ...devices]
  for (const bytes of sizes) {
    if (!Number.isSafeInteger(bytes) || bytes <= 0 || bytes % BLOCK_BYTES !== 0)
      throw new InvalidMachine(
        `node ${index}: ${formatSize(bytes)} is not a positive multiple of ${formatSize(BLOCK_BYTES)}, the size of a memory block.`,
      )
    if (bytes > MAX_BYTES)
      throw new InvalidMachine(`node ${index}: ${formatSize(bytes)} is more than ${formatSize(MAX_BYTES)}.`)
  }
  const most = node.virtio_mem_bytes ?? 0
  if (most > MAX_VIRTIO_MEM)
    throw new InvalidMachine(
      `node ${index}: a virtio-mem device of ${formatSize(most)}; its driver adds no more than ${formatSize(MAX_VIRTIO_MEM)} that nobody onlines.`,
    )
  if ((node.kind === 'pmem' || node.kind === 'mixed') && node.pmem_bytes.length === 0)
    throw new InvalidMachine(`node ${index}: a ${node.kind} node needs at least one NVDIMM.`)
}

function validateCpus(nodes: readonly NodeSpec[]): void {
  const owner = new Map<number, number>()
  nodes.forEach((node, index) => {
    for (const cpu of cpusIn(node, index)) {
      const other = owner.get(cpu)
      if (other !== undefined) throw new InvalidMachine(`node ${index}: CPU ${cpu} is already on node ${other}.`)
      owner.set(cpu, index)
    }
    if (node.kind === 'memoryless' && node.cpus.trim() === '' && !isPluggable(node))
      throw new InvalidMachine(
        `node ${index}: neither CPU nor memory. The kernel never sees such a node, and Linux then drops the whole HMAT.`,
      )
  })
  if (owner.size > MAX_CPUS) throw new InvalidMachine(`${owner.size} CPUs; ${MAX_CPUS} are the most.`)
  for (let cpu = 0; cpu < owner.size; cpu += 1)
    if (!owner.has(cpu)) throw new InvalidMachine(`CPU ${cpu} is on no node; CPUs are numbered from 0 without a gap.`)
  if (!nodes.some((node) => memoryOf(node) > 0 && cpusOf(node) !== ''))
    throw new InvalidMachine('No node has both CPUs and memory; a machine needs at least one.')
}

function cpusIn(node: NodeSpec, index: number): number[] {
  try {
    return parseNodeSet(cpusOf(node))
  } catch {
    throw new InvalidMachine(`node ${index}: “${cpusOf(node)}” is not a list of CPUs; write it like “0-1,3”.`)
  }
}

/**
 * Linux numbers nodes in the order in which the SRAT names them: CPUs first, then memory, then NVDIMMs.
 * Source: drivers/acpi/numa/srat.c, acpi_map_pxm_to_node() and acpi_numa_init(). Kept here as a rule on the
 * description, so that a node's number means the same to the scenario, to QEMU and to the guest.
 */
function validateOrder(nodes: readonly NodeSpec[]): void {
  let previous = -1
  let least = -1
  nodes.forEach((node, index) => {
    const rank = cpusOf(node) !== '' ? 0 : ramOf(node) > 0 ? 1 : pmemOf(node).length > 0 ? 2 : 3
    if (rank === 3 && index !== nodes.length - 1)
      throw new InvalidMachine(
        `node ${index}: a node without anything at boot comes last; QEMU names no other in the SRAT, as the node of all memory to be plugged in.`,
      )
    if (rank < previous)
      throw new InvalidMachine(
        `node ${index}: nodes with CPUs come first, then nodes of memory alone, then nodes of pmem alone; Linux numbers them so.`,
      )
    previous = rank
    const first = Math.min(...parseNodeSet(cpusOf(node)))
    if (rank === 0 && first < least)
      throw new InvalidMachine(
        `node ${index}: its first CPU ${first} is below that of an earlier node; Linux would renumber them.`,
      )
    if (rank === 0) least = first
  })
}

function validateDistances({ nodes, distances }: MachineSpec): void {
  if (distances.length !== nodes.length)
    throw new InvalidMachine(`distances: ${distances.length} rows for ${nodes.length} nodes.`)
  distances.forEach((row, from) => {
    if (row.length !== nodes.length)
      throw new InvalidMachine(`distances: node ${from} has ${row.length} values for ${nodes.length} nodes.`)
    row.forEach((distance, to) => {
      if (!Number.isInteger(distance) || distance < LOCAL_DISTANCE || distance > 254)
        throw new InvalidMachine(
          `distances: node ${from} to ${to} is ${distance}; a distance is a whole number from 10 to 254.`,
        )
      if (from === to && distance !== LOCAL_DISTANCE)
        throw new InvalidMachine(`distances: node ${from} to itself is ${distance}; it must be 10.`)
      if (from !== to && distance === LOCAL_DISTANCE)
        throw new InvalidMachine(`distances: node ${from} to ${to} is 10, which only a node to itself may be.`)
    })
  })
}

function validateHmat({ nodes, hmat }: MachineSpec): void {
  const seen = new Set<string>()
  for (const { initiator, target, latency_ns, bandwidth_mibps } of hmat ?? []) {
    const from = nodes[initiator]
    const to = nodes[target]
    if (from === undefined || cpusOf(from) === '')
      throw new InvalidMachine(`hmat: initiator ${initiator} is no node with CPUs.`)
    if (to === undefined || (to.kind === 'memoryless' && !isPluggable(to)))
      throw new InvalidMachine(`hmat: target ${target} is no node with memory.`)
    if (seen.has(`${initiator} ${target}`))
      throw new InvalidMachine(`hmat: ${initiator} to ${target} is given twice; QEMU takes each pair once.`)
    seen.add(`${initiator} ${target}`)
    if (!Number.isInteger(latency_ns) || latency_ns < 0)
      throw new InvalidMachine(`hmat: ${initiator} to ${target}: ${latency_ns} ns is not a whole number from 0.`)
    if (!Number.isInteger(bandwidth_mibps) || bandwidth_mibps < 0)
      throw new InvalidMachine(
        `hmat: ${initiator} to ${target}: ${bandwidth_mibps} MiB/s is not a whole number from 0.`,
      )
  }
  if (hmat !== null) hmatTable(nodes, hmat)
}
