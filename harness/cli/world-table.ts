import { formatNodeSet } from '../base/node-set.ts'
import { MiB, PAGE_BYTES } from '../base/size.ts'
import { tiersOf } from '../model/tiers.ts'
import { pluggedBlocks } from '../model/virtio-mem.ts'
import type { Pages, Workload } from '../model/workload.ts'
import {
  blocksOf,
  type DaxDevice,
  type Dimm,
  nodesWithCpu,
  nodesWithMemory,
  nodesWithNormalMemory,
  onlineNodes,
  type VirtioMem,
  type World,
} from '../model/world.ts'

export interface WorldRow {
  readonly name: string
  readonly text: string
}

/** What the model says of a world, in sysfs's words; one row for each thing that could differ. */
export function worldTable(world: World): WorldRow[] {
  return [
    ...[...tiersOf(world)].map(([tier, nodes]) => ({ name: `memory_tier${tier}`, text: formatNodeSet(nodes) })),
    ...[...world.targets]
      .sort(([a], [b]) => a - b)
      .map(([node]) => ({ name: `demotion of ${node}`, text: targets(world, node) })),
    { name: 'nodes', text: masks(world) },
    ...world.devices.map((device) => ({
      name: device.bus === 'nd' ? `NVDIMM ${device.key}` : device.key,
      text: deviceText(world, device),
    })),
    ...world.dimms.map((dimm) => ({ name: dimm.key, text: dimmText(world, dimm) })),
    ...world.virtio_mems.map((device) => ({ name: device.key, text: virtioMemText(world, device) })),
    ...(world.offline_cpus.length === 0 ? [] : [{ name: 'CPUs offline', text: formatNodeSet(world.offline_cpus) }]),
    ...(world.workload === null ? [] : [{ name: 'workload', text: workloadText(world.workload) }]),
    { name: 'settings', text: settings(world) },
  ]
}

function targets(world: World, node: number): string {
  const { preferred, fallback } = world.targets.get(node) ?? { preferred: [], fallback: [] }
  if (preferred.length === 0) return 'none'
  const sets = preferred.map((set) => formatNodeSet(set)).join(' or ')
  return `preferred ${sets}, fallback ${formatNodeSet(fallback)}`
}

function masks(world: World): string {
  const sets: [string, number[]][] = [
    ['online', onlineNodes(world)],
    ['has_memory', nodesWithMemory(world)],
    ['has_normal_memory', nodesWithNormalMemory(world)],
    ['has_cpu', nodesWithCpu(world)],
  ]
  return sets.map(([name, nodes]) => `${name} ${formatNodeSet(nodes) || '–'}`).join(', ')
}

function deviceText(world: World, device: DaxDevice): string {
  const blocks = blocksOf(world, device)
  const online = blocks.filter(([, block]) => block.online).length
  const memory = blocks.length === 0 ? 'no memory blocks' : `${online} of ${blocks.length} memory blocks online`
  if (device.ranges === null) return `no dax device, ${memory}`
  if (device.ranges.length === 0) return 'a dax device without a size'
  const parts = device.ranges.length === 1 ? '' : ` of ${device.ranges.length} ranges`
  return `dax device${parts} bound to ${device.driver ?? 'no driver'}, ${memory}`
}

function dimmText(world: World, { plugged, blocks }: Dimm): string {
  const online = blocks.filter((block) => world.blocks.get(block)?.online).length
  return plugged ? `plugged in, ${online} of ${blocks.length} memory blocks online` : 'not plugged in'
}

function virtioMemText(world: World, device: VirtioMem): string {
  const plugged = pluggedBlocks(world, device)
  const online = plugged.filter((block) => world.blocks.get(block)?.online).length
  return `${plugged.length} of ${device.blocks.length} memory blocks plugged in, ${online} online`
}

function workloadText({ pages, mems, process }: Workload): string {
  const mebibytes = (count: number) => Math.round((count * PAGE_BYTES) / MiB)
  const amount = ({ least, most }: Pages) =>
    least === most ? `${mebibytes(most)}` : `${mebibytes(least)} to ${mebibytes(most)}`
  const nodes = [...pages].sort(([a], [b]) => a - b).map(([node, each]) => `${amount(each)} MiB on node ${node}`)
  return [
    ...(process ? ['a process'] : []),
    ...nodes,
    ...(mems === null ? [] : [`cpuset.mems ${formatNodeSet(mems)}`]),
  ].join(', ')
}

function settings({ auto_online, demotion_enabled, kmem }: World): string {
  return `auto_online_blocks ${auto_online}, demotion_enabled ${demotion_enabled}, kmem ${kmem.loaded ? 'loaded' : 'not loaded'}`
}
