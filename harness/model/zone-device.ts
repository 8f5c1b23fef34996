import { type DaxDevice, onlineNodes, type World } from './world.ts'

/**
 * device_dax makes struct pages of a device's memory, in ZONE_DEVICE of the node that the device is at: its own, if that
 * was online when the device was found, or else the nearest that was. A virtio-pmem device is at the first node that has
 * memory at boot. What a node spans in ZONE_DEVICE it spans until the next boot, though the pages go.
 * Source: mm/memremap.c, memremap_pages(); mm/memory_hotplug.c, move_pfn_range_to_zone() and
 * remove_pfn_range_from_zone(); drivers/acpi/nfit/core.c, acpi_nfit_register_region(); drivers/nvdimm/virtio_pmem.c,
 * virtio_pmem_probe(), and arch/x86/mm/numa.c, memory_add_physaddr_to_nid(); drivers/dax/hmem/device.c, hmem_register_device() (6.1).
 */
export function mapPages(draft: World, { bus, labels, node }: DaxDevice): void {
  const isVirtio = bus === 'nd' && labels === 'none'
  const atOwnNode = !isVirtio && draft.online_at_boot.includes(node)
  if (atOwnNode && !draft.spanned.includes(node)) draft.spanned.push(node)
}

/**
 * Memory was taken from nodes: one that spans pages of ZONE_DEVICE stays online without any, others go.
 * Source: mm/memory_hotplug.c, try_offline_node() (6.1).
 */
export function tryOfflineNodes(draft: World, nodes: readonly number[]): void {
  for (const node of nodes) {
    if (onlineNodes(draft).includes(node)) continue
    if (draft.spanned.includes(node)) draft.kept_online.push(node)
    else if (draft.access[node] === 'shown') draft.access[node] = 'gone'
  }
}
