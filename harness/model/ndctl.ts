import { alignDown, alignUp, KiB, MiB } from '../base/size.ts'
import { unbind } from './dax-bus.ts'
import { done, type Outcome, refused, STRERROR, toolStatus } from './outcome.ts'
import { blocksOf, type DaxDevice, deviceIn, evolve, type Range, type World } from './world.ts'
import { mapPages } from './zone-device.ts'

/** Where the struct pages of a devdax namespace live: in the namespace (`dev`), or in main memory (`mem`). */
export type Map = 'dev' | 'mem'

export const ALIGN_BYTES = 2 * MiB
const PAGE_BYTES = 4 * KiB
/** MAX_STRUCT_PAGE_SIZE. Source: drivers/nvdimm/nd.h (5.4). */
const STRUCT_PAGE_BYTES = 64

/**
 * `ndctl create-namespace --mode=devdax` over a whole region: its namespace becomes a dax device, which device_dax
 * takes. Writes labels where there are none yet. Refused while memory of an earlier namespace is online.
 * Source: ndctl 81, ndctl/namespace.c, namespace_reconfig().
 */
export function createNamespace(world: World, key: string, map: Map): Outcome {
  if (memoryOnline(world, key)) return refused(world, toolStatus('EBUSY'), STRERROR.EBUSY)
  const after = evolve(world, (draft) => {
    const device = deviceIn(draft, key)
    if (device.driver !== null) unbind(draft, device, device.driver)
    if (device.labels === 'empty') device.labels = 'written'
    device.ranges = [devdaxRange(device, map)]
    device.driver = device.added ? null : 'device_dax'
    if (device.driver !== null) mapPages(draft, device)
  })
  return done(after)
}

/**
 * `ndctl destroy-namespace [--force] namespaceN.0`: refused while the namespace is active, unless forced, and while
 * memory of it is online, even then. The dax device goes by unbinding its driver; the region is raw again.
 * Source: ndctl 81, ndctl/lib/libndctl.c, ndctl_namespace_disable_safe().
 */
export function destroyNamespace(world: World, key: string, force: boolean): Outcome {
  const { ranges } = deviceIn(world, key)
  if (ranges !== null && !force) return refused(world, toolStatus('EBUSY'), 'is active, specify --force')
  if (memoryOnline(world, key)) return refused(world, toolStatus('EBUSY'), STRERROR.EBUSY)
  const after = evolve(world, (draft) => {
    const device = deviceIn(draft, key)
    if (device.driver !== null) unbind(draft, device, device.driver)
    device.ranges = null
  })
  return done(after)
}

function memoryOnline(world: World, key: string): boolean {
  const device = deviceIn(world, key)
  return device.driver === 'kmem' && blocksOf(world, device).some(([, { online }]) => online)
}

/**
 * The part of the region that the dax device offers: an info block of 8 KiB and, for `dev`, the struct pages come
 * first; both ends are aligned to 2 MiB. Source: drivers/nvdimm/pfn_devs.c, nd_pfn_init() (6.1).
 */
function devdaxRange({ region }: DaxDevice, map: Map): Range {
  const pages = (region.end - region.start - 8 * KiB) / PAGE_BYTES
  const reserve = 8 * KiB + (map === 'dev' ? STRUCT_PAGE_BYTES * pages : 0)
  return { start: alignUp(region.start + reserve, ALIGN_BYTES), end: alignDown(region.end, ALIGN_BYTES) }
}
