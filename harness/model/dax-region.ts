import { BLOCK_BYTES, MiB } from '../base/size.ts'
import { bind, newId, removeId, unbind } from './dax-bus.ts'
import type { Errno } from './memory-hotplug.ts'
import { done, type Outcome, refused, STRERROR, toolStatus } from './outcome.ts'
import { blocksOf, type DaxDevice, type DaxRegion, deviceIn, evolve, type Range, type World } from './world.ts'

/** Sizes are multiples of this. Source: drivers/dax/hmem/hmem.c, dax_hmem_probe(): PMD_SIZE (6.1). */
const ALIGN_BYTES = 2 * MiB

/** The device daxR.ID of a region, without a size. */
export function newDaxDevice({ node, range }: DaxRegion, id: number): DaxDevice {
  return {
    ...{
      key: `hmem${node}.${id}`,
      node,
      bus: 'hmem',
      region: range,
      labels: 'none',
      ranges: [],
      driver: null,
      for_kmem: false,
    },
    ...{ ids: [], added: false, refused: false, state: null, type: null },
  }
}

/**
 * What a boot finds: a device without a size, or one of all that there is. From 6.3 on that is meant for kmem, and has no
 * driver until kmem is there. Source: drivers/dax/hmem/hmem.c, dax_hmem_probe() (6.1; IORESOURCE_DAX_KMEM 6.3).
 */
export function findDaxRegion(draft: World): void {
  const region = draft.dax_region
  if (region === null) return
  region.seed = null
  const device = newDaxDevice(region, 0)
  const { soft_reserved_goes_to: goesTo } = draft.era
  draft.devices = [
    ...draft.devices.filter(({ bus }) => bus === 'nd'),
    !region.whole
      ? device
      : {
          ...device,
          ranges: [region.range],
          for_kmem: goesTo === 'kmem',
          driver: goesTo === 'device_dax' ? goesTo : null,
        },
  ]
}

/**
 * `daxctl create-device [--size]`: the kernel makes an empty device, the region's seed gets the size, and device_dax takes
 * it. A seed that was left without a size by an earlier failure comes first, and the new device stays empty.
 * Source: ndctl 81, daxctl/device.c, do_create(); drivers/dax/bus.c, create_store() (6.1).
 */
export function createDevice(world: World, bytes: number | null): Outcome {
  if (available(world) === 0) return refused(world, toolStatus('ENOSPC'), STRERROR.ENOSPC)
  let errno: Errno | null = null
  const after = evolve(world, (draft) => {
    const region = regionOf(draft)
    const device = newDaxDevice(region, firstFreeId(draft))
    draft.devices.push(device)
    region.seed ??= device.key
    const seed = deviceIn(draft, region.seed)
    errno = resize(draft, seed, bytes ?? available(draft))
    if (errno !== null) return
    newId(draft, seed, 'device_dax')
    bind(draft, seed, 'device_dax')
    region.seed = null
  })
  // Whatever the kernel says to the size, daxctl says ENXIO.
  return errno === null ? done(after) : refused(after, toolStatus('ENXIO'), STRERROR.ENXIO)
}

/**
 * `daxctl destroy-device [--force]`: refused while a driver has the device, unless forced. daxR.0 stays, without a size.
 * Source: ndctl 81, daxctl/device.c, dev_destroy(); drivers/dax/bus.c, delete_store() (6.1).
 */
export function destroyDevice(world: World, key: string, force: boolean): Outcome {
  const { driver } = deviceIn(world, key)
  if (driver !== null && !force) return refused(world, toolStatus('ENXIO'), 'is active, specify --force')
  return done(
    evolve(world, (draft) => {
      const device = deviceIn(draft, key)
      if (device.driver !== null) {
        removeId(device, device.driver)
        unbind(draft, device, device.driver)
      }
      device.ranges = []
      leaveBehind(draft, device)
      if (key === `hmem${device.node}.0`) return
      draft.devices = draft.devices.filter((other) => other !== device)
      const region = regionOf(draft)
      if (region.seed === key) region.seed = null
    }),
  )
}

/** `daxctl reconfigure-device --size`: for a device without a driver. Source: ndctl 81, daxctl/device.c, dev_resize(). */
export function resizeDevice(world: World, key: string, bytes: number): Outcome {
  let errno: Errno | null = null
  const after = evolve(world, (draft) => {
    const device = deviceIn(draft, key)
    errno = resize(draft, device, bytes)
    leaveBehind(draft, device)
  })
  return errno === null ? done(after) : refused(world, toolStatus('ENXIO'), STRERROR.ENXIO)
}

/**
 * Memory that kmem had to leave behind, in a range that its device has no more: it is no one's from now on, and the next
 * device of that range has nothing to do with it.
 */
function leaveBehind(draft: World, device: DaxDevice): void {
  const isOwn = (number: number) =>
    (device.ranges ?? []).some(({ start, end }) => number * BLOCK_BYTES >= start && (number + 1) * BLOCK_BYTES <= end)
  const left = blocksOf(draft, device).filter(([number]) => !isOwn(number))
  if (left.length === 0) return
  draft.conditions.push('a dax device gives back a range whose memory stays')
  for (const [, block] of left) block.owner = LEFT
  device.added = blocksOf(draft, device).length > 0
}

/** The owner of memory whose range no device has. */
const LEFT = 'left behind'

/**
 * Bytes of the region that no device has, and of which no memory was left behind. The kernel forgets that memory.
 * Source: drivers/dax/bus.c, dax_region_avail_size() (6.1).
 */
export function available(world: World): number {
  const { range } = regionOf(world)
  const left = [...world.blocks.values()].filter(({ owner }) => owner === LEFT).length * BLOCK_BYTES
  return sizeOf([range]) - sizeOf(partsOf(world).map(({ part }) => part)) - left
}

/** The region of the machine. Asking where there is none is a mistake in a step. */
export function regionOf(world: World): DaxRegion {
  if (world.dax_region === null) throw new RangeError('this machine has no dynamic dax region')
  return world.dax_region
}

/** A write to `size`. Source: drivers/dax/bus.c, size_store(), dev_dax_resize() (6.1). */
function resize(draft: World, device: DaxDevice, bytes: number): Errno | null {
  if (bytes % ALIGN_BYTES !== 0) return 'EINVAL'
  if (device.driver !== null) return 'EBUSY'
  const size = sizeOf(device.ranges ?? [])
  if (bytes - size > available(draft)) return 'ENOSPC'
  if (bytes < size) shrink(device, size - bytes)
  else grow(draft, device, bytes - size)
  return null
}

/** From the last range backwards. Source: dev_dax_shrink() (6.1). */
function shrink(device: DaxDevice, bytes: number): void {
  const ranges = [...(device.ranges ?? [])]
  for (let left = bytes; left > 0; ) {
    const last = ranges.pop()
    if (last === undefined) break
    const gone = Math.min(left, last.end - last.start)
    left -= gone
    if (gone < last.end - last.start) ranges.push({ start: last.start, end: last.end - gone })
  }
  device.ranges = ranges
}

/**
 * Takes the free space in the order of addresses: what lies behind the device's own last range makes that longer, the
 * rest are ranges of their own. Source: dev_dax_resize(), adjust_ok() (6.1).
 */
function grow(draft: World, device: DaxDevice, bytes: number): void {
  let left = bytes
  for (const { start, end, behind } of gapsOf(draft)) {
    if (left === 0) return
    const taken = Math.min(left, end - start)
    left -= taken
    const ranges = device.ranges ?? []
    const last = ranges.at(-1)
    device.ranges =
      behind === device && last?.end === start
        ? [...ranges.slice(0, -1), { start: last.start, end: start + taken }]
        : [...ranges, { start, end: start + taken }]
  }
}

/** Free space of the region in the order of addresses, and whose range lies before each piece of it. */
function gapsOf(world: World): (Range & { readonly behind: DaxDevice | null })[] {
  const { range } = regionOf(world)
  const gaps: (Range & { behind: DaxDevice | null })[] = []
  let start = range.start
  let behind: DaxDevice | null = null
  for (const { part, owner } of partsOf(world)) {
    if (part.start > start) gaps.push({ start, end: part.start, behind })
    start = part.end
    behind = owner
  }
  return start < range.end ? [...gaps, { start, end: range.end, behind }] : gaps
}

/** What devices have of the region, in the order of addresses. */
function partsOf(world: World): { readonly part: Range; readonly owner: DaxDevice }[] {
  return world.devices
    .filter(({ bus }) => bus === 'hmem')
    .flatMap((owner) => (owner.ranges ?? []).map((part) => ({ part, owner })))
    .sort((a, b) => a.part.start - b.part.start)
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

function firstFreeId(world: World): number {
  const { node } = regionOf(world)
  for (let id = 0; ; id += 1) if (!world.devices.some(({ key }) => key === `hmem${node}.${id}`)) return id
}
