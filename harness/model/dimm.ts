import { addBlocks, type Errno, offlineBlock, onlineBlock, removeBlocks } from './memory-hotplug.ts'
import { done, type Outcome, refused } from './outcome.ts'
import { type Dimm, evolve, type World } from './world.ts'

/** The DIMM of a key. Asking for one that the machine has no room for is a mistake in a step. */
export function dimmIn(world: World, key: string): Dimm {
  const dimm = world.dimms.find((candidate) => candidate.key === key)
  if (dimm === undefined) throw new RangeError(`no room for ${key} in this machine`)
  return dimm
}

/**
 * A DIMM is plugged in: the kernel adds its memory to the DIMM's node, and onlines it by the policy. Nobody types the
 * node: what its first memory does is as everywhere.
 * Source: drivers/acpi/acpi_memhotplug.c, acpi_memory_enable_device() (6.1).
 */
export function plugDimm(world: World, key: string): Outcome {
  if (dimmIn(world, key).plugged) return refused(world, 1, `Duplicate device ID '${key}'`)
  return done(
    evolve(world, (draft) => {
      const dimm = dimmIn(draft, key)
      dimm.plugged = true
      addDimm(draft, dimm)
    }),
  )
}

/** Adds a DIMM's memory, when it is plugged in or when the kernel finds it at boot. */
export function addDimm(draft: World, { node, blocks, key }: Dimm): void {
  addBlocks(draft, node, blocks, key)
}

/**
 * A DIMM is to be ejected: the kernel offlines its blocks, takes them away and lets go of it; or it says that it is
 * busy, and all is as before.
 * Source: drivers/acpi/scan.c, acpi_scan_hot_remove() (6.1).
 */
export function unplugDimm(world: World, key: string): Outcome {
  if (!dimmIn(world, key).plugged) return refused(world, 1, `Device '${key}' not found`)
  let errno: Errno | null = null
  const after = evolve(world, (draft) => {
    const dimm = dimmIn(draft, key)
    errno = tryToOffline(draft, dimm) ?? removeBlocks(draft, dimm.blocks)
    if (errno === null) dimm.plugged = false
  })
  return errno === null ? done(after) : refused(after, 1, 'ACPI_OST_SC_DEVICE_BUSY')
}

/**
 * Offlines each block that can be, and tries those that cannot once more, because others may have held them. What the
 * first failure then leaves offline is onlined again, with no type of its own, which means `online`.
 * Source: drivers/acpi/scan.c, acpi_scan_try_to_offline(); drivers/base/memory.c, memory_subsys_online() (6.1).
 */
function tryToOffline(draft: World, { blocks }: Dimm): Errno | null {
  const online = blocks.filter((block) => draft.blocks.get(block)?.online)
  const busy = online.filter((block) => offlineBlock(draft, block) !== null)
  const stuck = busy.find((block) => offlineBlock(draft, block) !== null)
  if (stuck === undefined) return null
  for (const block of online) if (!draft.blocks.get(block)?.online) onlineBlock(draft, block, 'online')
  return 'EBUSY'
}
