import { parseNodeSet } from '../base/node-set.ts'
import { bringUp } from '../model/boot.ts'
import { findDaxRegion } from '../model/dax-region.ts'
import type { Era } from '../model/eras.ts'
import { type HmatReading, hmatAdistance, readHmat } from '../model/hmat.ts'
import type { DaxDevice, DaxRegion, Range, World } from '../model/world.ts'
import { dimmId, virtioMemId } from './device-names.ts'
import { hmatTable } from './hmat.ts'
import { blocksIn, type DeviceLayout, layoutOf } from './layout.ts'
import type { MachineSpec } from './machine.ts'
import { cpusOf, memoryOf, type NodeSpec, pmemOf, ramOf } from './nodes.ts'

/** The key of an NVDIMM in the world. */
export function deviceKey({ node, device }: { readonly node: number; readonly device: number }): string {
  return `${node}.${device}`
}

/** The key of a dax device of a dynamic region in the world. */
export function daxKey({ node, dax }: { readonly node: number; readonly dax: number }): string {
  return `hmem${node}.${dax}`
}

/** The world after boot: every node that has memory is typed and in its tier, and the demotion targets are built. */
export function bootWorld(given: MachineSpec, era: Era): World {
  const spec = asSeen(given)
  const { boot, reserved, devices, dimms, virtio_mems, virtio_pmems } = layoutOf(given)
  const [dynamic] = reserved
  const hmat = readingOf(spec, era)
  const at_boot = {
    auto_online: spec.auto_online === 'distribution' ? era.debian_auto_online : spec.auto_online,
    kmem: spec.modules.includes('kmem'),
  }
  const world: World = {
    era,
    nodes: spec.nodes.map((node, index) => ({
      cpus: parseNodeSet(cpusOf(node)),
      hmat_adistance: hmatAdistance(era, hmat, index),
    })),
    ...{ hmat, hmat_ready: false, distances: spec.distances, at_boot },
    auto_online: at_boot.auto_online,
    demotion_enabled: false,
    numa_balancing: null,
    blocks: new Map(),
    types: [],
    map: spec.nodes.map(() => null),
    owed: spec.nodes.map(() => 0),
    stale: spec.nodes.map(() => null),
    dax_region: dynamic === undefined ? null : dynamicRegion(spec, dynamic),
    devices: [
      ...devices.map((device) => ({
        ...unused(device, 'empty'),
        node: given.numa === 'off' ? NO_NODE : device.node,
      })),
      ...virtio_pmems.map((device) => ({
        ...unused(device, 'none'),
        node: era.virtio_pmem_node === 'zero' ? 0 : device.node,
      })),
    ],
    dimms: dimms.map((dimm) => ({ key: dimmId(dimm), node: dimm.node, blocks: blocksIn(dimm.range), plugged: false })),
    virtio_mems: virtio_mems.map(({ node, range }) => ({
      ...{ key: virtioMemId(node), node, blocks: blocksIn(range), requested: 0 },
    })),
    ...{ online_at_boot: [], spanned: [], kept_online: [] },
    access: spec.nodes.map(() => 'not yet'),
    offline_cpus: [],
    kmem: { loaded: at_boot.kmem, types: [] },
    inject: { going_online: 0, going_offline: 0 },
    targets: new Map(),
    top_tier: null,
    rebuilds: [],
    conditions: [],
    workload: null,
    demoted: new Map(),
    promoted: new Map(),
  }
  for (const range of boot)
    for (const block of blocksIn(range))
      world.blocks.set(block, { node: given.numa === 'off' ? 0 : range.node, online: true, zone: null, owner: 'boot' })
  findDaxRegion(world)
  bringUp(world)
  return world
}

/** NUMA_NO_NODE. Source: include/linux/numa.h. */
const NO_NODE = -1

/** With numa=off all CPUs and all memory at boot are of one node. Source: arch/x86/mm/numa.c, dummy_numa_init() (6.1). */
function asSeen(spec: MachineSpec): MachineSpec {
  if (spec.numa === undefined) return spec
  const cpus = spec.nodes.map(cpusOf).filter((list) => list !== '')
  const bytes = spec.nodes.reduce((sum, node) => sum + memoryOf(node), 0)
  return { ...spec, nodes: [{ kind: 'dram', memory_bytes: bytes, cpus: cpus.join(',') }], distances: [[10]] }
}

function dynamicRegion({ nodes }: MachineSpec, { node, start, end }: Range & { readonly node: number }): DaxRegion {
  const spec = nodes[node]
  return { node, range: { start, end }, whole: spec?.kind === 'soft-reserved' && spec.whole, seed: null }
}

/** A region of which nothing was made yet. */
function unused({ node, device, range }: DeviceLayout, labels: DaxDevice['labels']): DaxDevice {
  return {
    ...{
      key: deviceKey({ node, device }),
      node,
      bus: 'nd',
      region: range,
      labels,
      ranges: null,
      driver: null,
      for_kmem: false,
    },
    ...{ ids: [], added: false, refused: false, state: null, type: null },
  }
}

/** What the kernel reads in HMAT; null without one. */
function readingOf(spec: MachineSpec, era: Era): HmatReading | null {
  if (spec.hmat === null) return null
  const where = (holds: (node: NodeSpec, index: number) => boolean) =>
    spec.nodes.flatMap((node, index) => (holds(node, index) ? [index] : []))
  return readHmat(era, hmatTable(spec.nodes, spec.hmat), {
    // QEMU's SRAT has memory entries for boot memory and for NVDIMMs, and one for memory to be plugged in, whose node is
    // the last, wherever DIMMs are to go (hw/i386/acpi-build.c, build_srat()).
    targets: where((node, index) => ramOf(node) > 0 || pmemOf(node).length > 0 || index === spec.nodes.length - 1),
    boot: where((node) => memoryOf(node) > 0),
    cpus: where((node) => cpusOf(node) !== ''),
  })
}
