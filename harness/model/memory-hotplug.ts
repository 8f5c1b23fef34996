import { firstMemory, lastMemory } from './memory-tiers.ts'
import { migrateAway } from './workload.ts'
import { type AutoOnlinePolicy, nodesWithMemory, type World } from './world.ts'
import { tryOfflineNodes } from './zone-device.ts'
import { zoneFor } from './zones.ts'

/** Why the kernel refuses a write to a memory block's `state`; null when it does not. */
export type Errno = 'EINVAL' | 'EBUSY' | 'ENOMEM' | 'EPERM' | 'ENODEV' | 'ENXIO' | 'ENOSPC' | 'EAGAIN'

/**
 * Adds blocks to a node, and brings them online as the policy says, one after the other until one fails.
 * Source: mm/memory_hotplug.c, add_memory_resource() and online_memory_block() (6.1).
 */
export function addBlocks(
  draft: World,
  node: number,
  blocks: readonly number[],
  owner: string,
  policy = draft.auto_online,
): void {
  for (const block of blocks) draft.blocks.set(block, { node, online: false, zone: null, owner })
  if (policy === 'offline') return
  for (const block of blocks) if (onlineBlock(draft, block, policy) !== null) return
}

/**
 * One write of an online type to memoryN/state. The first block of a node is its first memory.
 * An online block that is onlined again is refused with EINVAL.
 * Source: drivers/base/memory.c, state_store(); mm/memory_hotplug.c, online_pages() (6.1).
 */
export function onlineBlock(draft: World, number: number, type: Exclude<AutoOnlinePolicy, 'offline'>): Errno | null {
  const block = draft.blocks.get(number)
  if (block === undefined) return 'ENODEV'
  if (block.online) return 'EINVAL'
  if (draft.inject.going_online !== 0) return errnoOf(draft.inject.going_online)
  const first = !nodesWithMemory(draft).includes(block.node)
  block.zone = zoneFor(draft, block.node, number, type)
  block.online = true
  if (first) firstMemory(draft, block.node)
  return null
}

/**
 * One write of `offline`. The last block of a node is its last memory. An offline block is refused with EINVAL.
 * Source: drivers/base/memory.c, memory_subsys_offline(); mm/memory_hotplug.c, offline_pages() (6.1).
 */
export function offlineBlock(draft: World, number: number): Errno | null {
  const block = draft.blocks.get(number)
  if (block === undefined) return 'ENODEV'
  if (!block.online) return 'EINVAL'
  if (draft.inject.going_offline !== 0) return errnoOf(draft.inject.going_offline)
  block.online = false
  block.zone = null
  migrateAway(draft, block.node)
  if (!nodesWithMemory(draft).includes(block.node)) lastMemory(draft, block.node)
  return null
}

/** Takes blocks away again. Refused with EBUSY while one is online. Source: mm/memory_hotplug.c, remove_memory() (6.1). */
export function removeBlocks(draft: World, blocks: readonly number[]): Errno | null {
  if (blocks.some((block) => draft.blocks.get(block)?.online)) return 'EBUSY'
  const nodes = new Set(blocks.flatMap((block) => draft.blocks.get(block)?.node ?? []))
  for (const block of blocks) draft.blocks.delete(block)
  tryOfflineNodes(draft, [...nodes])
  return null
}

/** Errors that may be injected, by number. Source: include/uapi/asm-generic/errno-base.h. */
const ERRNO: Readonly<Record<number, Errno>> = { [-12]: 'ENOMEM', [-16]: 'EBUSY' }

function errnoOf(number: number): Errno {
  return ERRNO[number] ?? 'EINVAL'
}
