import { attach } from './dax-bus.ts'
import { findDaxRegion } from './dax-region.ts'
import { rebuildDemotionTargets } from './demotion.ts'
import { addDimm } from './dimm.ts'
import { showAccess, typeBootNode } from './memory-tiers.ts'
import { meetRequest } from './virtio-mem.ts'
import { evolve, nodesWithMemory, onlineNodes, type World } from './world.ts'
import { mapPages } from './zone-device.ts'

/**
 * What a kernel makes of the machine that it finds: memory at boot is typed, DIMMs that are plugged in are added, and
 * the demotion targets are built. The DIMMs come while ACPI's devices are looked for. Where HMAT has a say in boot
 * memory, that is before boot memory is typed, and before HMAT is read: memory of a node that comes online then is DRAM.
 * Source: mm/memory-tiers.c, memory_tier_init(), a subsys_initcall that comes before acpi_init() (6.1), and
 * memory_tier_late_init() (6.10); drivers/acpi/numa/hmat.c, hmat_init().
 */
export function bringUp(draft: World): void {
  const late = draft.era.hmat_types_boot_nodes !== 'none'
  draft.hmat_ready = false
  if (late) addDimms(draft)
  draft.hmat_ready = true
  for (const node of nodesWithMemory(draft)) if (draft.map[node] === null) typeBootNode(draft, node)
  rebuildDemotionTargets(draft)
  if (!late) addDimms(draft)
  draft.access = draft.access.map(() => 'not yet')
  draft.online_at_boot = onlineNodes(draft)
  for (const node of draft.online_at_boot) showAccess(draft, node)
  for (const device of draft.devices) if (device.driver === 'device_dax') mapPages(draft, device)
  if (draft.kmem.loaded) attach(draft, 'kmem')
}

/**
 * The machine is reset, and boots again. What lies in NVDIMMs persists, DIMMs stay where they are, and CPUs all come
 * back. A virtio-mem device gives nothing after a reset, until its driver asks for the size that it still has to be of. What the kernel knew is gone: the memory that kmem added, types, tiers, settings, modules that were loaded
 * later, and which driver a device was told to take; device_dax takes every devdax namespace.
 */
export function reboot(world: World): World {
  return evolve(world, (draft) => {
    draft.auto_online = draft.at_boot.auto_online
    draft.kmem = { loaded: draft.at_boot.kmem, types: [] }
    draft.demotion_enabled = false
    draft.numa_balancing = null
    draft.inject = { going_online: 0, going_offline: 0 }
    draft.offline_cpus = []
    draft.types = []
    draft.map = draft.map.map(() => null)
    draft.owed = draft.owed.map(() => 0)
    draft.stale = draft.stale.map(() => null)
    draft.top_tier = null
    draft.rebuilds = []
    draft.spanned = []
    draft.kept_online = []
    draft.workload = null
    for (const [number, { owner }] of draft.blocks) if (owner !== 'boot') draft.blocks.delete(number)
    findDaxRegion(draft)
    for (const device of draft.devices) {
      if (device.bus === 'hmem') continue
      device.driver = device.ranges === null ? null : 'device_dax'
      device.ids = []
      device.added = false
      device.refused = false
      device.state = null
      device.type = null
    }
    bringUp(draft)
    for (const device of draft.virtio_mems) meetRequest(draft, device)
  })
}

function addDimms(draft: World): void {
  for (const dimm of draft.dimms) if (dimm.plugged) addDimm(draft, dimm)
}
