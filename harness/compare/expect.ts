import { formatNodeSet } from '../base/node-set.ts'
import { BLOCK_BYTES } from '../base/size.ts'
import { available } from '../model/dax-region.ts'
import { tiersOf } from '../model/tiers.ts'
import {
  type DaxDevice,
  nodesWithCpu,
  nodesWithMemory,
  nodesWithNormalMemory,
  onlineNodes,
  type World,
} from '../model/world.ts'
import { validZones } from '../model/zones.ts'
import type { DeviceNames } from '../topology/device-names.ts'
import type { Expectation, Expected } from './expectation.ts'

const NODE = '/sys/devices/system/node'

/** Everything that sysfs must show of a world. `names` are the guest's own names of the devices. */
export function expect(world: World, names: ReadonlyMap<string, DeviceNames>): Expected {
  return {
    values: [
      ...tiers(world),
      ...nodeMasks(world),
      ...distances(world),
      ...accesses(world),
      ...blocks(world),
      ...settings(world),
      ...world.devices.flatMap((device) => [
        ...region(world, device, names.get(device.key)),
        ...daxDevice(device, names.get(device.key)),
      ]),
    ],
    families: [
      { pattern: /\/memory_tiering\/memory_tier\d+\/nodelist$/, rule: RULES.tier },
      { pattern: /^\/sys\/devices\/system\/node\/node\d+\/distance$/, rule: RULES.nodeFolder },
      { pattern: /^\/sys\/devices\/system\/node\/node\d+\/access1\//, rule: RULES.access },
      { pattern: /^\/sys\/devices\/system\/node\/node\d+\/memory\d+\/state$/, rule: RULES.block },
      { pattern: /^\/sys\/bus\/dax\/devices\/[^/]+\/(driver|size|state|mapping\d+\/start)$/, rule: RULES.daxDevice },
    ],
  }
}

export const RULES = {
  tier: 'a tier exists while a node of one of its memory types has memory (mm/memory-tiers.c, memtier_hotplug_callback)',
  mask: 'node states follow CPUs and online memory blocks (mm/memory_hotplug.c, node_states_set_node)',
  nodeFolder: 'a node has a folder while it has a CPU or a memory block (mm/memory_hotplug.c, try_offline_node)',
  access: 'a node’s folder says what HMAT says of it (drivers/acpi/numa/hmat.c, hmat_register_target)',
  distance: 'distances of online nodes, as the SLIT has them (drivers/base/node.c, node_read_distance)',
  block: 'blocks come and go with their memory, and are online when they were onlined (drivers/base/memory.c)',
  zones: 'online: its zone; offline: the default zone, then the other (drivers/base/memory.c, valid_zones_show)',
  setting: 'a setting is what was written last',
  module: 'the module is there once loaded; bound devices do not count as users (drivers/dax/bus.c)',
  daxDevice: 'a devdax namespace gives one dax device; its driver is the last that took it (drivers/dax/bus.c)',
  region:
    'an NVDIMM, and soft reserved memory, give one region each (drivers/acpi/nfit/core.c, drivers/dax/hmem/hmem.c)',
  available: 'what no dax device has of the region (drivers/dax/bus.c, dax_region_avail_size)',
  state:
    'a device that kmem has says whether its memory is there, and how it was onlined (drivers/dax/kmem.c, state_show)',
  daxPart:
    'a device takes free space in the order of addresses, and gives back from its end (drivers/dax/bus.c, dev_dax_resize)',
  daxRange: 'info block and struct pages come first, both ends are aligned (drivers/nvdimm/pfn_devs.c, nd_pfn_init)',
  namespace: 'a devdax namespace takes the whole region (drivers/nvdimm/namespace_devs.c, mode_show)',
  targetNode: 'the proximity domain in the NFIT (drivers/acpi/nfit/core.c, acpi_nfit_register_region)',
} as const

function hex(address: number): string {
  return `0x${address.toString(16)}`
}

function value(path: string, text: string, rule: string): Expectation {
  return { path, oneOf: [text], rule }
}

function tiers(world: World): Expectation[] {
  return [...tiersOf(world)].map(([tier, nodes]) =>
    value(`/sys/devices/virtual/memory_tiering/memory_tier${tier}/nodelist`, formatNodeSet(nodes), RULES.tier),
  )
}

function nodeMasks(world: World): Expectation[] {
  const masks: [string, number[]][] = [
    ['possible', [...world.nodes.keys()]],
    ['online', onlineNodes(world)],
    ['has_memory', nodesWithMemory(world)],
    ['has_normal_memory', nodesWithNormalMemory(world)],
    ['has_cpu', nodesWithCpu(world)],
  ]
  return masks.map(([file, nodes]) => value(`${NODE}/${file}`, formatNodeSet(nodes), RULES.mask))
}

function distances(world: World): Expectation[] {
  const online = onlineNodes(world)
  return online.map((from) => {
    const row = online.map((to) => world.distances[from]?.[to] ?? '?').join(' ')
    return value(`${NODE}/node${from}/distance`, row, RULES.distance)
  })
}

/** What a CPU that reads waits for, in nanoseconds. Source: drivers/base/node.c, node_init_node_access() (5.2). */
function accesses(world: World): Expectation[] {
  return onlineNodes(world).flatMap((node) => {
    if (world.access[node] !== 'shown') return []
    const latency = world.hmat?.performance[node]?.read_latency ?? 0
    return [value(`${NODE}/node${node}/access1/initiators/read_latency`, String(latency), RULES.access)]
  })
}

function blocks(world: World): Expectation[] {
  return [...world.blocks].flatMap(([number, { node, online, zone, owner }]) => {
    const folder = `${NODE}/node${node}/memory${number}`
    const state = value(`${folder}/state`, online ? 'online' : 'offline', RULES.block)
    if (owner === 'boot') return [state]
    return [state, value(`${folder}/valid_zones`, zone ?? validZones(world, node, number), RULES.zones)]
  })
}

function settings(world: World): Expectation[] {
  const kmem = '/sys/module/kmem'
  return [
    value('/sys/devices/system/memory/block_size_bytes', BLOCK_BYTES.toString(16), RULES.block),
    value('/sys/devices/system/memory/auto_online_blocks', world.auto_online, RULES.setting),
    value('/sys/kernel/mm/numa/demotion_enabled', String(world.demotion_enabled), RULES.setting),
    ...(world.numa_balancing === null
      ? []
      : [value('/proc/sys/kernel/numa_balancing', String(world.numa_balancing), RULES.setting)]),
    world.kmem.loaded
      ? value(`${kmem}/initstate`, 'live', RULES.module)
      : { path: `${kmem}/initstate`, oneOf: 'absent', rule: RULES.module },
    ...(world.kmem.loaded ? [value(`${kmem}/refcnt`, '0', RULES.module)] : []),
  ]
}

/** What the region shows of which a device is a part. */
function region(world: World, { bus, region, node, ranges }: DaxDevice, names: DeviceNames | undefined): Expectation[] {
  if (names === undefined) {
    const path = `/sys/bus/${bus} region at ${hex(region.start)}`
    return [{ path, oneOf: ['present'], rule: RULES.region }]
  }
  if (bus === 'hmem') {
    const path = `/sys/bus/dax/devices/${names.dax}/../dax_region/available_size`
    return [value(path, String(available(world)), RULES.available)]
  }
  const size = String(region.end - region.start)
  return [
    value(`/sys/bus/nd/devices/${names.region}/size`, size, RULES.daxRange),
    targetNode(`/sys/bus/nd/devices/${names.region}`, node),
    ...(ranges === null
      ? []
      : [
          value(`/sys/bus/nd/devices/${names.namespace}/mode`, 'dax', RULES.namespace),
          value(`/sys/bus/nd/devices/${names.namespace}/size`, size, RULES.namespace),
        ]),
  ]
}

/** Without a node there is no such file. Source: drivers/nvdimm/region_devs.c, region_visible() (6.1). */
function targetNode(folder: string, node: number): Expectation {
  const path = `${folder}/target_node`
  return { path, oneOf: node < 0 ? 'absent' : [String(node)], rule: RULES.targetNode }
}

function daxDevice(
  { ranges, driver, region, node, bus, state }: DaxDevice,
  names: DeviceNames | undefined,
): Expectation[] {
  if (names === undefined) return []
  const folder = `/sys/bus/dax/devices/${names.dax}`
  if (ranges === null) return [{ path: `${folder}/size`, oneOf: 'absent', rule: RULES.daxDevice }]
  const rule = bus === 'hmem' ? RULES.daxPart : RULES.daxRange
  return [
    value(`${folder}/size`, String(ranges.reduce((sum, range) => sum + range.end - range.start, 0)), rule),
    value(`${folder}/resource`, hex(ranges[0]?.start ?? region.start), rule),
    targetNode(folder, node),
    ...ranges.flatMap((range, index) => [
      value(`${folder}/mapping${index}/start`, hex(range.start), rule),
      value(`${folder}/mapping${index}/end`, hex(range.end - 1), rule),
    ]),
    driver === null
      ? { path: `${folder}/driver`, oneOf: 'absent', rule: RULES.daxDevice }
      : value(`${folder}/driver`, driver, RULES.daxDevice),
    ...(state === null ? [] : [value(`${folder}/state`, state, RULES.state)]),
  ]
}
