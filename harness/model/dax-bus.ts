import { loadKmem, probeKmem, removeKmem } from './kmem.ts'
import type { Errno } from './memory-hotplug.ts'
import type { DaxDevice, World } from './world.ts'
import { mapPages } from './zone-device.ts'

export type DaxDriver = 'device_dax' | 'kmem'

/**
 * Whether a driver takes a device that it is offered: one whose id list names it; else device_dax takes all that are not
 * meant for kmem, and kmem those that are.
 * Source: drivers/dax/bus.c, dax_bus_match() (6.1: match_always; 6.3 on: driver types).
 */
function matches(device: DaxDevice, driver: DaxDriver): boolean {
  return device.ids.includes(driver) || (driver === 'kmem') === device.for_kmem
}

/**
 * Offers a driver every device that has none, as when it is loaded. What the probes come to is seen by nobody.
 * Source: drivers/base/dd.c, driver_attach() (6.1).
 */
export function attach(draft: World, driver: DaxDriver): void {
  for (const device of draft.devices)
    if (device.ranges !== null && device.driver === null && matches(device, driver)) probe(draft, device, driver)
}

/** Loads kmem, which takes what is meant for it. */
export function modprobeKmem(draft: World): void {
  if (draft.kmem.loaded) return
  loadKmem(draft)
  attach(draft, 'kmem')
}

/** Offers a device to a driver. Source: drivers/dax/bus.c, dax_bus_probe() (6.1). */
function probe(draft: World, device: DaxDevice, driver: DaxDriver): Errno | null {
  // A part of a dynamic region that has no size yet.
  if (device.ranges?.length === 0) return 'ENXIO'
  if (driver === 'kmem') return probeKmem(draft, device)
  // Memory that kmem left behind is still reserved, so that device_dax cannot have it either.
  device.refused = device.added
  if (device.added) return 'EBUSY'
  device.driver = 'device_dax'
  mapPages(draft, device)
  return null
}

/**
 * `echo NAME > drivers/DRIVER/new_id`: the driver learns the device and is offered every device that has none.
 * The write succeeds whatever the offers come to. Source: drivers/dax/bus.c, do_id_store() (6.1).
 */
export function newId(draft: World, device: DaxDevice, driver: DaxDriver): void {
  if (!device.ids.includes(driver)) device.ids.push(driver)
  attach(draft, driver)
}

/** `echo NAME > drivers/DRIVER/remove_id`: the driver forgets the device; a binding stays. */
export function removeId(device: DaxDevice, driver: DaxDriver): void {
  device.ids = device.ids.filter((id) => id !== driver)
}

/**
 * `echo NAME > drivers/DRIVER/bind`. Source: drivers/base/bus.c, bind_store() (6.1): a device that the driver does not
 * match is ENODEV; one that has a driver already is EBUSY.
 */
export function bind(draft: World, device: DaxDevice, driver: DaxDriver): Errno | null {
  if (device.ranges === null || !matches(device, driver)) return 'ENODEV'
  if (device.driver !== null) return 'EBUSY'
  if (driver === 'device_dax' && device.refused && device.bus === 'hmem')
    draft.conditions.push('device_dax is offered a dynamic device that it has failed to take before')
  return probe(draft, device, driver)
}

/** `echo NAME > drivers/DRIVER/unbind`. Source: drivers/base/bus.c, unbind_store() (6.1): not bound is ENODEV. */
export function unbind(draft: World, device: DaxDevice, driver: DaxDriver): Errno | null {
  if (device.driver !== driver) return 'ENODEV'
  if (driver === 'kmem') removeKmem(draft, device)
  device.driver = null
  return null
}
