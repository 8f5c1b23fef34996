import type { Era } from './eras.ts'
import type { HmatReading } from './hmat.ts'
import type { Workload } from './workload.ts'

/** Values of /sys/devices/system/memory/auto_online_blocks. */
export type AutoOnlinePolicy = 'offline' | 'online' | 'online_kernel' | 'online_movable'
export type Zone = 'DMA' | 'DMA32' | 'Normal' | 'Movable'

/** A memory block: `memoryN` in sysfs. `boot` blocks may span several zones and are never offlined here. */
export interface Block {
  readonly node: number
  online: boolean
  /** The zone of an online block that was hot-added; null for boot memory and while offline. */
  zone: Zone | null
  owner: string | 'boot'
}

/** A memory_dev_type: nodes of one abstract distance, from one creator. */
export interface MemoryType {
  readonly id: number
  readonly adistance: number
  readonly creator: 'core' | 'kmem'
  /** Nodes of this type that have memory; their union over the types of a tier is its nodelist. */
  nodes: number[]
}

/** Physical addresses, half open: [start, end). */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The region of an NVDIMM or a virtio-pmem device, and what became of it; or a dax device that is a part of a dynamic
 * region. Keys are `node.device`, or `hmemNODE.ID`; addresses are bytes, half open.
 */
export interface DaxDevice {
  readonly key: string
  readonly node: number
  readonly bus: 'nd' | 'hmem'
  readonly region: Range
  /**
   * A virtio-pmem device has none. An NVDIMM has room for labels; once ndctl has written some, the region has free space
   * instead of a raw namespace.
   */
  labels: 'none' | 'empty' | 'written'
  /**
   * What its dax device offers, in the order of its pages: one range for a devdax namespace, none or many for a part of a
   * dynamic region. Null without a dax device.
   */
  ranges: readonly Range[] | null
  driver: 'device_dax' | 'kmem' | null
  /** Its region is meant for kmem, and not for device_dax (IORESOURCE_DAX_KMEM). */
  readonly for_kmem: boolean
  /** Drivers whose id list names the device (`new_id`). */
  ids: ('device_dax' | 'kmem')[]
  /** Its memory was added by kmem and is there, whoever is bound now. */
  added: boolean
  /** device_dax has failed to take it. */
  refused: boolean
  /** What its file `state` says while kmem is bound, in kernels that have it; null without. */
  state: 'unplugged' | AutoOnlinePolicy | null
  /** The memory type of the kmem that is bound to it, or whose memory is still there. */
  type: number | null
}

/** A DIMM that can be plugged in. Its blocks, by number, are there while it is. */
export interface Dimm {
  readonly key: string
  readonly node: number
  readonly blocks: readonly number[]
  plugged: boolean
}

/** A virtio-mem device: memory that comes and goes by blocks. */
export interface VirtioMem {
  readonly key: string
  readonly node: number
  /** Blocks that it can give, by number. Those that are there have its key as their owner. */
  readonly blocks: readonly number[]
  /** How many blocks it is asked to give. */
  requested: number
}

/** A dynamic dax region, as dax_hmem makes one of soft reserved memory. Its dax devices are among the others. */
export interface DaxRegion {
  readonly node: number
  readonly range: Range
  /** Whether dax_hmem makes one device of all of it. */
  readonly whole: boolean
  /** The key of the device that is the next to be given a size and a driver; null: there is none yet. */
  seed: string | null
}

export interface DemotionTargets {
  /** The sets that the kernel may prefer; more than one where ties are broken by history. Empty: null. */
  readonly preferred: readonly (readonly number[])[]
  readonly fallback: readonly number[]
}

/** Where the kernel's bookkeeping breaks a rule that the model keeps; `known-issues.ts` says what is seen then. */
export type Condition =
  | 'a node without a type loses its last memory'
  | 'a node of another type than its tier loses its last memory'
  | 'a node has a type of which nobody has a count'
  | 'a type is forgotten that a device gave its node'
  | 'a memory type is freed that is still in use'
  | 'a dax device gives back a range whose memory stays'
  | 'memory of a device that says it is online did not come online'
  | 'a node that HMAT describes comes back'
  | 'a node gets memory again on which a group had pages'
  | 'device_dax is offered a dynamic device that it has failed to take before'
  | 'the tier of a node cannot be allocated'
  | 'adding memory fails for want of memory'
  | 'a memory block cannot be linked to its node'

/** The kernel's state, as far as memory tiers depend on it: what sysfs shows, and what it hides. */
export interface World {
  readonly era: Era
  readonly nodes: readonly WorldNode[]
  /** What the kernel read in HMAT at boot; null without one. */
  readonly hmat: HmatReading | null
  /** HMAT was read; false only in the early part of a boot. */
  hmat_ready: boolean
  readonly distances: readonly (readonly number[])[]
  /** What a boot makes of settings and modules. */
  readonly at_boot: { readonly auto_online: AutoOnlinePolicy; readonly kmem: boolean }
  auto_online: AutoOnlinePolicy
  demotion_enabled: boolean
  /** The mode of NUMA balancing; null while it is what the kernel chose for the machine. */
  numa_balancing: number | null
  /** By number, as in memoryN. */
  blocks: Map<number, Block>
  types: MemoryType[]
  /** node_memory_types[]: survives the node's memory, so that a node once typed stays typed. */
  map: ({ readonly type: number; count: number } | null)[]
  /**
   * How many counts too many each node was given back; the kernel's map_count is lower by as much. And the type that a
   * node then still has though nobody has a count of it; null for none.
   */
  owed: number[]
  stale: (number | null)[]
  devices: DaxDevice[]
  dimms: Dimm[]
  virtio_mems: VirtioMem[]
  dax_region: DaxRegion | null
  /** Nodes that were online when the kernel looked for devices. */
  online_at_boot: number[]
  /** Nodes that span pages of ZONE_DEVICE, and those that are online for that alone. */
  spanned: number[]
  kept_online: number[]
  /** Nodes whose folder has what HMAT says of them: not yet, now, or it went with the folder. */
  access: ('not yet' | 'shown' | 'gone')[]
  /** CPUs that were taken offline. */
  offline_cpus: number[]
  kmem: { loaded: boolean; types: number[] }
  /** Errors injected into the memory notifier chain; 0 for none. Source: lib/memory-notifier-error-inject.c. */
  inject: { going_online: number; going_offline: number }
  targets: Map<number, DemotionTargets>
  /** The slowest tier that had a CPU when the targets were built: it and all faster ones are top tier. Null before. */
  top_tier: number | null
  /** How often the targets were rebuilt since the step began; each is logged where the era logs. */
  rebuilds: Map<number, DemotionTargets>[]
  /** What the step came by where kernels may be known to go wrong. */
  conditions: Condition[]
  workload: Workload | null
  /** Where reclaim may have demoted the workload’s pages since the step began: from each node to which. */
  demoted: Map<number, number[]>
  /** Where NUMA balancing has promoted them to since the step began. */
  promoted: Map<number, number>
}

export interface WorldNode {
  /** CPUs of the node, online or not. */
  readonly cpus: readonly number[]
  /** The abstract distance that HMAT gives the node's memory, for whom it is asked; null without an answer. */
  readonly hmat_adistance: number | null
}

/** The world as a step meets it: nothing has happened in it yet. */
export function atRest(world: World): World {
  return { ...world, rebuilds: [], conditions: [], demoted: new Map(), promoted: new Map() }
}

/** A changed copy: events are written as changes to a draft, and no world that was handed out ever changes. */
export function evolve(world: World, change: (draft: World) => void): World {
  const { era, nodes, hmat, distances, at_boot, ...state } = world
  const draft = { era, nodes, hmat, distances, at_boot, ...structuredClone(state) }
  change(draft)
  return draft
}

/** The device of a key. Asking for one that the machine does not have is a mistake in a step. */
export function deviceIn(world: World, key: string): DaxDevice {
  const device = world.devices.find((candidate) => candidate.key === key)
  if (device === undefined) throw new RangeError(`no NVDIMM ${key} in this machine`)
  return device
}

/** Blocks that belong to a device, by number. */
export function blocksOf(world: World, device: DaxDevice): [number, Block][] {
  return [...world.blocks].filter(([, block]) => block.owner === device.key).sort(([a], [b]) => a - b)
}

/** N_MEMORY: nodes with a block online. Source: mm/memory_hotplug.c, node_states_set_node() (6.1). */
export function nodesWithMemory(world: World): number[] {
  return nodesWhere(world, ({ online }) => online)
}

/** N_NORMAL_MEMORY: nodes with memory in a zone of the kernel's own. Source: as above. */
export function nodesWithNormalMemory(world: World): number[] {
  return nodesWhere(world, ({ online, zone }) => online && zone !== 'Movable')
}

/**
 * Nodes with a folder in sysfs: those that have CPUs or blocks, online or not, and those that may not go.
 * Source: mm/memory_hotplug.c, __try_online_node() and try_offline_node() (6.1).
 */
export function onlineNodes(world: World): number[] {
  const withBlocks = new Set([...world.blocks.values()].map(({ node }) => node))
  const isOnline = (cpus: readonly number[], node: number) =>
    cpus.length > 0 || withBlocks.has(node) || world.kept_online.includes(node)
  return world.nodes.flatMap(({ cpus }, node) => (isOnline(cpus, node) ? [node] : []))
}

/** N_CPU: nodes with a CPU online. Source: mm/vmstat.c, vmstat_cpu_dead() (6.1). */
export function nodesWithCpu(world: World): number[] {
  const isOnline = (cpu: number) => !world.offline_cpus.includes(cpu)
  return world.nodes.flatMap(({ cpus }, node) => (cpus.some(isOnline) ? [node] : []))
}

function nodesWhere(world: World, holds: (block: Block) => boolean): number[] {
  const nodes = new Set<number>()
  for (const block of world.blocks.values()) if (holds(block)) nodes.add(block.node)
  return [...nodes].sort((a, b) => a - b)
}
