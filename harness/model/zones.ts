import { BLOCK_BYTES, GiB } from '../base/size.ts'
import type { World, Zone } from './world.ts'

/** The zone that a block goes to, by the online type written. */
export function zoneFor(
  world: World,
  node: number,
  block: number,
  type: 'online' | 'online_kernel' | 'online_movable',
): Zone {
  switch (type) {
    case 'online_movable':
      return 'Movable'
    case 'online_kernel':
      return kernelZone(block)
    case 'online':
      return defaultZone(world, node, block)
  }
}

/**
 * What `valid_zones` of an offline block shows: the default first, then the other.
 * Source: drivers/base/memory.c, valid_zones_show() (6.1).
 */
export function validZones(world: World, node: number, block: number): string {
  const first = defaultZone(world, node, block)
  const other = first === 'Movable' ? kernelZone(block) : 'Movable'
  return `${first} ${other}`
}

/**
 * Policy contig-zones: the zone whose span the block falls into, when it is just one of the two; else the kernel's.
 * Source: mm/memory_hotplug.c, default_zone_for_pfn() (6.1).
 */
function defaultZone(world: World, node: number, block: number): Zone {
  const kernel = kernelZone(block)
  const inKernel = spans(world, node, kernel, block)
  const inMovable = spans(world, node, 'Movable', block)
  return inMovable && !inKernel ? 'Movable' : kernel
}

/** Above 4 GiB, where all hot-added memory of these machines lies, the kernel's own zone is Normal. */
function kernelZone(block: number): Zone {
  return block * BLOCK_BYTES >= 4 * GiB ? 'Normal' : 'DMA32'
}

/** A zone spans from its first to its last block, holes included. */
function spans(world: World, node: number, zone: Zone, block: number): boolean {
  const members = [...world.blocks]
    .filter(([number, member]) => member.node === node && member.online && zoneOf(number, member.zone) === zone)
    .map(([number]) => number)
  return members.length > 0 && Math.min(...members) <= block && block <= Math.max(...members)
}

/** Boot memory has no zone of record; by address it is DMA32 or Normal, which is all that a span needs. */
function zoneOf(number: number, zone: Zone | null): Zone {
  return zone ?? kernelZone(number)
}
