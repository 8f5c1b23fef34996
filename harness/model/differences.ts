import { compareReleases, type Release } from '../base/release.ts'

/** What kernels do differently where memory tiers are concerned. What is not here has been the same since 6.1. */
export interface Behaviour {
  /** MEMTIER_ADISTANCE_DRAM. */
  readonly adistance_dram: number
  /** MEMTIER_DEFAULT_DAX_ADISTANCE. */
  readonly adistance_dax: number
  /** Whether kmem asks HMAT for the distance of its nodes. */
  readonly kmem_asks_hmat: boolean
  /** Whose count a clean removal by kmem gives back: its own type's, or that of whichever type the node has. */
  readonly kmem_removal_drops: 'own' | 'any'
  /** Ranges of a device that must have gone for its removal to be clean: all, or those that were added. */
  readonly kmem_counts_ranges: 'all' | 'added'
  /** Whether a device that kmem has can be unplugged and plugged in by its file `state`. */
  readonly kmem_has_state: boolean
  /** Boot nodes that HMAT may type; the others are DRAM. */
  readonly hmat_types_boot_nodes: 'none' | 'without-cpus' | 'all'
  /** Whether HMAT may type a node whose first memory nobody typed. */
  readonly hmat_types_first_memory: boolean
  /** Boot nodes whose performance is that of default DRAM, and which must agree. */
  readonly default_dram_nodes: 'all' | 'with-cpus'
  /** Width of the arithmetic that makes a distance of performance: `unsigned int` or `long`. */
  readonly adistance_bits: 32 | 64
  /** Whether each rebuild of the demotion targets is logged. */
  readonly logs_demotion_targets: boolean
  /**
   * What reclaim of a group with `cpuset.mems` heeds of it: nothing; that the preferred target which it happens to look
   * at is allowed; or that every page goes to an allowed node.
   */
  readonly demotion_heeds_cpuset: 'no' | 'one-target' | 'every-page'
  /** Debian's own default of /sys/devices/system/memory/auto_online_blocks, on amd64. */
  readonly debian_auto_online: 'offline' | 'online'
  /** Which driver is meant for soft reserved memory that nobody has divided. */
  readonly soft_reserved_goes_to: 'device_dax' | 'kmem'
  /** The node of virtio-pmem memory: 0 in any case, or that of its address in the SRAT. */
  readonly virtio_pmem_node: 'zero' | 'address'
}

/** The first kernel with memory tiers. Source: Debian's linux-source-6.1 (6.1.192), files as below. */
export const FIRST_RELEASE: Release = [6, 1, 0]
export const FIRST_BEHAVIOUR: Behaviour = {
  // include/linux/memory-tiers.h: (4 * 128) + (128 >> 1).
  adistance_dram: 576,
  // drivers/dax/kmem.c: MEMTIER_ADISTANCE_DRAM * 5.
  adistance_dax: 2880,
  kmem_asks_hmat: false,
  // drivers/dax/kmem.c, dev_dax_kmem_remove(): clear_node_memory_type(dev_dax->target_node, dax_slowmem_type).
  kmem_removal_drops: 'own',
  // drivers/dax/kmem.c, dev_dax_kmem_remove(): success >= dev_dax->nr_range, where too small a range is no success.
  kmem_counts_ranges: 'all',
  kmem_has_state: false,
  hmat_types_boot_nodes: 'none',
  hmat_types_first_memory: false,
  default_dram_nodes: 'all',
  adistance_bits: 32,
  logs_demotion_targets: false,
  // mm/vmscan.c, can_demote(), demote_page_list(): next_demotion_node() alone.
  demotion_heeds_cpuset: 'no',
  debian_auto_online: 'offline',
  // drivers/dax/bus.c, dax_bus_match(): device_dax has match_always.
  soft_reserved_goes_to: 'device_dax',
  // drivers/nvdimm/virtio_pmem.c, virtio_pmem_probe(): target_node is left as it was initialized.
  virtio_pmem_node: 'zero',
}

export interface Difference {
  /** What is different, as a sentence. */
  readonly says: string
  /** The first release that has it, and every later one. */
  readonly first: Release
  /** Stable releases that got it later; it then holds in the rest of their series. */
  readonly backports: readonly Release[]
  readonly file: string
  readonly function: string
  /**
   * `tree`: read in the source of a release on each side of it. `patch`: read in the patch as it was posted, and dated
   * by when that was; no tree between 6.1 and 6.12 is in Debian's archive.
   */
  readonly evidence: 'tree' | 'patch'
  readonly changes: Partial<Behaviour>
}

/** Every difference that the model knows, in the order of their first releases. */
export const DIFFERENCES: readonly Difference[] = [
  {
    says: 'virtio-pmem memory belongs to the node of its address in the SRAT; before that, to node 0',
    first: [6, 2, 0],
    backports: [],
    file: 'drivers/nvdimm/virtio_pmem.c',
    function: 'virtio_pmem_probe()',
    // “virtio_pmem: populate numa information”, November 2022, when 6.1 took nothing new any more.
    evidence: 'patch',
    changes: { virtio_pmem_node: 'address' },
  },
  {
    says: 'soft reserved memory is meant for kmem, which takes it as soon as it is loaded; before that for device_dax',
    first: [6, 3, 0],
    backports: [],
    file: 'drivers/dax/bus.c, drivers/dax/hmem/hmem.c',
    function: 'dax_bus_match(), dax_hmem_probe()',
    // “dax: Assign RAM regions to memory-hotplug by default”, February 2023.
    evidence: 'patch',
    changes: { soft_reserved_goes_to: 'kmem' },
  },
  {
    says: 'Debian’s amd64 kernels online hot-added memory by themselves',
    first: [6, 5, 0],
    backports: [],
    file: 'debian/changelog of 6.5~rc7-1~exp1',
    function: 'MEMORY_HOTPLUG_DEFAULT_ONLINE',
    evidence: 'tree',
    changes: { debian_auto_online: 'online' },
  },
  {
    says: 'kmem asks HMAT for the abstract distance of its node; default DRAM is every node with memory at boot',
    first: [6, 7, 0],
    backports: [],
    file: 'drivers/dax/kmem.c, drivers/acpi/numa/hmat.c',
    function: 'dev_dax_kmem_probe(), hmat_set_default_dram_perf()',
    // “acpi, hmat: calculate abstract distance with HMAT” V4, 2023-09-26; in Linus' tree it is 3718c02dbd4c.
    evidence: 'patch',
    changes: { kmem_asks_hmat: true },
  },
  {
    says: 'a clean removal by kmem gives back a count of whatever type the node has, even one that kmem never counted',
    first: [6, 7, 0],
    backports: [],
    file: 'drivers/dax/kmem.c',
    function: 'dev_dax_kmem_remove()',
    // “dax, kmem: calculate abstract distance with general interface”, of the same series: clear_node_memory_type(node, NULL).
    evidence: 'patch',
    changes: { kmem_removal_drops: 'any' },
  },
  {
    says: 'each rebuild of the demotion targets is logged',
    first: [6, 9, 0],
    backports: [],
    file: 'mm/memory-tiers.c',
    function: 'dump_demotion_targets()',
    // “mm/demotion: print demotion targets” v2 was posted on 2024-02-06, when 6.8 took nothing new any more.
    evidence: 'patch',
    changes: { logs_demotion_targets: true },
  },
  {
    says: 'HMAT types boot nodes without CPUs, and nodes whose first memory nobody typed; default DRAM has CPUs',
    first: [6, 10, 0],
    backports: [],
    file: 'mm/memory-tiers.c',
    function: 'memory_tier_init(), memory_tier_late_init(), set_node_memory_tier()',
    // “memory tier: create CPUless memory tiers after obtaining HMAT info” v11, 2024-04-05.
    evidence: 'patch',
    changes: {
      hmat_types_boot_nodes: 'without-cpus',
      hmat_types_first_memory: true,
      default_dram_nodes: 'with-cpus',
    },
  },
  {
    says: 'HMAT types every boot node, those with CPUs too',
    first: [6, 11, 0],
    backports: [],
    file: 'mm/memory-tiers.c',
    function: 'memory_tier_late_init()',
    // “memory tier: consolidate the initialization of memory tiers”, 823430c8e9d9, June 2024.
    evidence: 'patch',
    changes: { hmat_types_boot_nodes: 'all' },
  },
  {
    says: 'reclaim of a group demotes only while a preferred target is in its `cpuset.mems`; pages may go elsewhere',
    first: [6, 16, 0],
    backports: [],
    file: 'mm/vmscan.c',
    function: 'can_demote()',
    // “vmscan,cgroup: apply mems_effective to reclaim”, 7d709f49babc, April 2025.
    evidence: 'patch',
    changes: { demotion_heeds_cpuset: 'one-target' },
  },
  {
    says: 'abstract distance is computed in 64 bits, and no longer overflows',
    first: [6, 17, 0],
    backports: [
      [6, 12, 43],
      [6, 15, 11],
      [6, 16, 2],
    ],
    file: 'include/linux/memory-tiers.h',
    function: 'MEMTIER_ADISTANCE_DRAM',
    // “mm/memory-tier: fix abstract distance calculation overflow”; stable reviews of 2025-08-18, ChangeLog-6.12.43.
    evidence: 'patch',
    changes: { adistance_bits: 64 },
  },
  {
    says: 'demotion of a group’s pages goes to nodes in its `cpuset.mems` alone: preferred ones, else the nearest below',
    first: [7, 0, 0],
    backports: [],
    file: 'mm/vmscan.c, mm/memory-tiers.c',
    function: 'can_demote(), demote_folio_list(), next_demotion_node()',
    // “mm/vmscan: fix demotion targets checks in reclaim/demotion”, 1aceed565ff1, January 2026; read and seen in 7.2 and 7.3. 6.19 may have it too.
    evidence: 'patch',
    changes: { demotion_heeds_cpuset: 'every-page' },
  },
  {
    says: 'kmem gives its count of the node’s type back though a range of the device was too small to be added',
    first: [7, 3, 0],
    backports: [],
    file: 'drivers/dax/kmem.c',
    function: 'dev_dax_kmem_remove(), dax_kmem_remove_ranges()',
    evidence: 'tree',
    changes: { kmem_counts_ranges: 'added' },
  },
  {
    says: 'a device that kmem has is unplugged, and plugged in again, by its file state',
    first: [7, 3, 0],
    backports: [],
    file: 'drivers/dax/kmem.c',
    function: 'state_store()',
    evidence: 'tree',
    changes: { kmem_has_state: true },
  },
]

/** Whether a release has it. */
export function holds({ first, backports }: Difference, release: Release): boolean {
  if (compareReleases(first, release) <= 0) return true
  return backports.some(
    (backport) => backport[0] === release[0] && backport[1] === release[1] && compareReleases(backport, release) <= 0,
  )
}

/** What a release does, from the first one with tiers on. */
export function behaviourOf(release: Release): Behaviour {
  const changes = DIFFERENCES.filter((difference) => holds(difference, release)).map((difference) => difference.changes)
  return Object.assign({ ...FIRST_BEHAVIOUR }, ...changes)
}

/** Releases at which what kernels do may change, in order; between two of them all do the same. */
export function turningPoints(): Release[] {
  const points = DIFFERENCES.flatMap(({ first, backports }) => [
    first,
    ...backports.flatMap((backport): Release[] => [backport, [backport[0], backport[1] + 1, 0]]),
  ])
  return [FIRST_RELEASE, ...points]
    .sort(compareReleases)
    .filter((point, index, all) => index === 0 || compareReleases(point, all[index - 1] ?? point) !== 0)
}
