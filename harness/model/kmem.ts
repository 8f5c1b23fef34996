import { BLOCK_BYTES } from '../base/size.ts'
import { addBlocks, type Errno, removeBlocks } from './memory-hotplug.ts'
import { clearNodeMemoryType, findOrCreateType, initNodeMemoryType } from './memory-tiers.ts'
import { blocksOf, type DaxDevice, type World } from './world.ts'

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
  draft.kmem = { loaded: false, types: [] }
}

/**
 * The memory blocks that kmem makes of a dax device: those that lie wholly inside one of its ranges.
 * Source: drivers/dax/kmem.c, dax_kmem_range() (6.1).
 */
export function kmemBlocks({ ranges }: DaxDevice): number[] {
  return (ranges ?? []).flatMap(({ start, end }) => {
    const first = Math.ceil(start / BLOCK_BYTES)
    const count = Math.max(0, Math.floor(end / BLOCK_BYTES) - first)
    return [...Array(count).keys()].map((offset) => first + offset)
  })
}

/**
 * Binds kmem to a device: types the node, then adds the memory, whose first block to come online finds the node typed.
 * A failure leaves no trace. Source: drivers/dax/kmem.c, dev_dax_kmem_probe() (6.1).
 */
export function probeKmem(draft: World, device: DaxDevice): Errno | null {
  const blocks = kmemBlocks(device)
  if (blocks.length === 0) return 'EINVAL'
  const type = findOrCreateType(draft, kmemAdistance(draft, device.node), 'kmem')
  // The resource of memory that an earlier removal left behind is still reserved.
  if (device.added) return 'EBUSY'
  initNodeMemoryType(draft, device.node, type.id)
  device.type = type.id
  device.added = true
  device.driver = 'kmem'
  addBlocks(draft, device.node, blocks, device.key)
  return null
}

/**
 * Unbinds kmem. Memory that is all offline goes, and with it one count of the node's type; memory of which any is online
 * stays, the node keeps its type, and the device has no driver. The unbinding itself always succeeds.
 * Source: drivers/dax/kmem.c, dev_dax_kmem_remove() (6.1; which type it means 6.7).
 */
export function removeKmem(draft: World, device: DaxDevice): void {
  device.driver = null
  const blocks = blocksOf(draft, device).map(([number]) => number)
  if (removeBlocks(draft, blocks) !== null) return
  device.added = false
  clearNodeMemoryType(draft, device.node, draft.era.kmem_removal_drops === 'any' ? null : device.type)
  device.type = null
}

function kmemAdistance(world: World, node: number): number {
  const hmat = world.era.kmem_asks_hmat ? world.nodes[node]?.hmat_adistance : null
  return hmat ?? world.era.adistance_dax
}
