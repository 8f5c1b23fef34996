import { BLOCK_BYTES } from '../base/size.ts'
import { addBlocks, type Errno, offlineBlock, onlineBlock, removeBlocks } from './memory-hotplug.ts'
import { clearNodeMemoryType, findOrCreateType, initNodeMemoryType, putMemoryTypes } from './memory-tiers.ts'
import { type AutoOnlinePolicy, blocksOf, type DaxDevice, type World } from './world.ts'

/**
 * Loads the module. In eras without HMAT it makes its one memory type here.
 * Source: drivers/dax/kmem.c, dax_kmem_init() (6.1).
 */
export function loadKmem(draft: World): void {
  if (draft.kmem.loaded) return
  draft.kmem = { loaded: true, types: [] }
}

/**
 * Unloads the module: every device is unbound by the rules of removal, then the module lets its types go. A node that
 * still has memory keeps the old type; a module loaded later has new ones.
 * Source: drivers/dax/kmem.c, dax_kmem_exit() (6.1).
 */
export function unloadKmem(draft: World): void {
  for (const device of draft.devices) {
    if (device.driver === 'kmem') removeKmem(draft, device)
    device.ids = device.ids.filter((driver) => driver !== 'kmem')
  }
  putMemoryTypes(draft, draft.kmem.types)
  draft.kmem = { loaded: false, types: [] }
}

/** The memory blocks that kmem makes of a dax device: those that lie wholly inside one of its ranges. */
export function kmemBlocks(device: DaxDevice): number[] {
  return kmemRanges(device).flat()
}

/** Of each range the memory blocks that lie wholly inside. Source: drivers/dax/kmem.c, dax_kmem_range() (6.1). */
function kmemRanges({ ranges }: DaxDevice): number[][] {
  return (ranges ?? []).map(({ start, end }) => {
    const first = Math.ceil(start / BLOCK_BYTES)
    const count = Math.max(0, Math.floor(end / BLOCK_BYTES) - first)
    return [...Array(count).keys()].map((offset) => first + offset)
  })
}

/**
 * Binds kmem to a device: types the node, then adds the memory, whose first block to come online finds the node typed.
 * A range that is too small is left out, and so is one that memory of an earlier removal still occupies; but when that is
 * the first, the device is busy. A failure leaves no trace. Source: drivers/dax/kmem.c, dev_dax_kmem_probe() (6.1).
 */
export function probeKmem(draft: World, device: DaxDevice): Errno | null {
  // “rejecting DAX region with invalid node”.
  if (device.node < 0) return 'EINVAL'
  const usable = kmemRanges(device).filter((blocks) => blocks.length > 0)
  const [first] = usable
  if (first === undefined) return 'EINVAL'
  const type = findOrCreateType(draft, kmemAdistance(draft, device.node), 'kmem')
  const isFree = (blocks: readonly number[]) => !blocks.some((block) => draft.blocks.has(block))
  if (!isFree(first)) return 'EBUSY'
  initNodeMemoryType(draft, device.node, type.id)
  device.type = type.id
  device.added = true
  device.driver = 'kmem'
  for (const blocks of usable) if (isFree(blocks)) addBlocks(draft, device.node, blocks, device.key)
  device.state = draft.era.kmem_has_state ? stateOf(draft, device, draft.auto_online) : null
  return null
}

/**
 * A write to `daxX.Y/state` of a device that kmem has. From `unplugged` to a way of being online, which adds the memory,
 * and from anything to `unplugged`, which offlines and removes all of it or nothing; the node keeps its type meanwhile.
 * Source: drivers/dax/kmem.c, state_store(), dax_kmem_do_hotremove(); mm/memory_hotplug.c,
 * offline_and_remove_memory_ranges() (7.3).
 */
export function setState(draft: World, device: DaxDevice, state: 'unplugged' | AutoOnlinePolicy): Errno | null {
  if (state === 'offline') return 'EINVAL'
  if (device.state === state) return null
  if (state === 'unplugged') return unplug(draft, device)
  if (device.state !== 'unplugged') return 'EBUSY'
  const usable = kmemRanges(device).filter((blocks) => blocks.length > 0)
  const isFree = (blocks: readonly number[]) => !blocks.some((block) => draft.blocks.has(block))
  if (!isFree(usable[0] ?? [])) return 'EBUSY'
  device.added = true
  for (const blocks of usable) if (isFree(blocks)) addBlocks(draft, device.node, blocks, device.key, state)
  device.state = stateOf(draft, device, state)
  return null
}

function unplug(draft: World, device: DaxDevice): Errno | null {
  const own = blocksOf(draft, device)
  const online = own.flatMap(([number, block]) => (block.online ? [{ number, block, zone: block.zone }] : []))
  for (const { number } of online) {
    const errno = offlineBlock(draft, number)
    if (errno === null) continue
    for (const other of online)
      if (!other.block.online)
        onlineBlock(draft, other.number, other.zone === 'Movable' ? 'online_movable' : 'online_kernel')
    return errno
  }
  removeBlocks(
    draft,
    own.map(([number]) => number),
  )
  device.added = false
  device.state = 'unplugged'
  return null
}

/** What was asked for, if it has come about. The kernel does not look at that. */
function stateOf(draft: World, device: DaxDevice, wanted: AutoOnlinePolicy): AutoOnlinePolicy {
  const own = blocksOf(draft, device)
  if (wanted === 'offline' || own.some(([, { online }]) => online)) return wanted
  draft.conditions.push('memory of a device that says it is online did not come online')
  return 'offline'
}

/**
 * Unbinds kmem. Of each range the memory goes that is all offline; where any is online, it stays. When all has gone, so
 * does one count of the node's type; before 7.3 not if a range was too small to be added, for which nobody counts.
 * The unbinding itself always succeeds.
 * Source: drivers/dax/kmem.c, dev_dax_kmem_remove() (6.1; which type it means 6.7; small ranges 7.3).
 */
export function removeKmem(draft: World, device: DaxDevice): void {
  device.driver = null
  device.state = null
  const ranges = kmemRanges(device)
  const there = ranges.filter((blocks) => blocks.some((block) => draft.blocks.get(block)?.owner === device.key))
  device.added = there.map((blocks) => removeBlocks(draft, blocks)).some((errno) => errno !== null)
  if (device.added) return
  if (draft.era.kmem_counts_ranges === 'all' && ranges.some((blocks) => blocks.length === 0)) return
  clearNodeMemoryType(draft, device.node, draft.era.kmem_removal_drops === 'any' ? null : device.type)
  device.type = null
}

function kmemAdistance(world: World, node: number): number {
  const hmat = world.era.kmem_asks_hmat ? world.nodes[node]?.hmat_adistance : null
  return hmat ?? world.era.adistance_dax
}
