import { UsageError } from '../base/errors.ts'
import { BLOCK_BYTES } from '../base/size.ts'
import { bind, type DaxDriver, modprobeKmem, newId, removeId, unbind } from './dax-bus.ts'
import { type Errno, offlineBlock, onlineBlock } from './memory-hotplug.ts'
import { done, type Outcome, refused, STRERROR, toolStatus } from './outcome.ts'
import { type Block, type DaxDevice, deviceIn, evolve, type World } from './world.ts'

export interface SystemRamOptions {
  readonly online: boolean
  readonly movable: boolean
  readonly force: boolean
}

/**
 * `daxctl reconfigure-device --mode=system-ram [--no-online] [--no-movable] [--force]`.
 * First of all refused when the kernel would online the memory by itself in another way than asked, unless forced.
 * Then kmem is loaded and bound, and each block that is not online yet is onlined; that all are already is no failure.
 * Source: ndctl 81, daxctl/device.c, reconfig_mode_system_ram().
 */
export function reconfigureToSystemRam(world: World, key: string, options: SystemRamOptions): Outcome {
  requirePlugged(world, key)
  if (world.auto_online !== 'offline' && !options.force && (options.movable || !options.online))
    return refused(world, toolStatus('EBUSY'), 'kernel policy will auto-online memory, aborting')
  let problem: Problem | null = null
  const after = evolve(world, (draft) => {
    const device = deviceIn(draft, key)
    problem = device.driver === 'kmem' ? null : rebind(draft, device, 'kmem')
    if (problem === null && options.online) problem = onlineAll(draft, device, options.movable)
  })
  return answer(after, problem)
}

/**
 * `daxctl reconfigure-device --mode=devdax [--force]`. Refused while memory is online, unless forced: then each block
 * is offlined first, and one that cannot be keeps the device as it is.
 * Source: ndctl 81, daxctl/device.c, reconfig_mode_devdax().
 */
export function reconfigureToDevdax(world: World, key: string, force: boolean): Outcome {
  requirePlugged(world, key)
  const { driver } = deviceIn(world, key)
  let problem: Problem | null = null
  const after = evolve(world, (draft) => {
    const device = deviceIn(draft, key)
    if (driver === 'device_dax') return
    if (driver === 'kmem' && force) problem = offlineAll(draft, device)
    if (problem === null && blocksByDaxctl(draft, device).some(([, { online }]) => driver === 'kmem' && online))
      problem = { errno: 'EBUSY', words: `error reconfiguring devices: ${STRERROR.EBUSY}` }
    if (problem === null) problem = rebind(draft, device, 'device_dax')
  })
  return answer(after, problem)
}

/** `daxctl online-memory [--no-movable]`. That all is online already counts as a failure here. Source: ndctl 81, daxctl/device.c. */
export function onlineMemory(world: World, key: string, movable: boolean): Outcome {
  return changeMemory(world, key, true, (draft, device) => onlineAll(draft, device, movable))
}

/** `daxctl offline-memory`. That all is offline already counts as a failure here. Source: ndctl 81, daxctl/device.c. */
export function offlineMemory(world: World, key: string): Outcome {
  return changeMemory(world, key, false, offlineAll)
}

/**
 * Memory blocks that daxctl takes to be a device's: those of its node that begin in as many bytes as it has, from its
 * first address on. Of a device with a hole it misses the end, and takes what lies in the hole.
 * Source: ndctl 81, daxctl/lib/libdaxctl.c, memblock_in_dev().
 */
function blocksByDaxctl(world: World, device: DaxDevice): [number, Block][] {
  const [first] = device.ranges ?? []
  if (first === undefined) return []
  const end = first.start + (device.ranges ?? []).reduce((sum, range) => sum + range.end - range.start, 0)
  return [...world.blocks]
    .filter(([number, { node }]) => {
      const start = number * BLOCK_BYTES
      return node === device.node && start >= first.start && start < end
    })
    .sort(([a], [b]) => a - b)
}

/**
 * ndctl 81 knows nothing of `state`: it looks for memory blocks in the folder of a node that may not be there, and gives up
 * in words that depend on the node’s other memory (seen on 7.3.4: “failed to get number of memory sections”).
 */
function requirePlugged(world: World, key: string): void {
  if (deviceIn(world, key).state === 'unplugged')
    throw new UsageError(
      'What daxctl makes of a device that is unplugged is not modelled: plug it in by its state first.',
    )
}

/** Why a tool gives up: its exit status follows from the error. */
interface Problem {
  readonly errno: Errno
  readonly words: string
}

function answer(after: World, problem: Problem | null): Outcome {
  return problem === null ? done(after) : refused(after, toolStatus(problem.errno), problem.words)
}

function changeMemory(
  world: World,
  key: string,
  wanted: boolean,
  change: (draft: World, device: DaxDevice) => Problem | null,
): Outcome {
  requirePlugged(world, key)
  const device = deviceIn(world, key)
  if (device.driver !== 'kmem')
    return refused(world, toolStatus('ENXIO'), 'memory operations are not applicable in devdax mode')
  if (blocksByDaxctl(world, device).every(([, { online }]) => online === wanted))
    return refused(world, 1, `all memory sections`)
  let problem: Problem | null = null
  const after = evolve(world, (draft) => {
    problem = change(draft, deviceIn(draft, key))
  })
  return answer(after, problem)
}

/**
 * Writes of remove_id, unbind, new_id and bind, as libdaxctl makes them; what counts is whether the driver has the
 * device afterwards. A failure leaves it without a driver. Source: ndctl 81, daxctl/lib/libdaxctl.c, daxctl_dev_enable().
 */
function rebind(draft: World, device: DaxDevice, to: DaxDriver): Problem | null {
  if (device.driver !== null) {
    removeId(device, device.driver)
    unbind(draft, device, device.driver)
  }
  if (to === 'kmem') modprobeKmem(draft)
  newId(draft, device, to)
  const errno = bind(draft, device, to)
  return device.driver === to ? null : { errno: errno ?? 'ENXIO', words: 'failed to enable' }
}

/** Onlines the blocks that are not, until one fails. `--no-movable` leaves the zone to the kernel. Source: libdaxctl-private.h. */
function onlineAll(draft: World, device: DaxDevice, movable: boolean): Problem | null {
  for (const [number, { online }] of blocksByDaxctl(draft, device)) {
    const errno = online ? null : onlineBlock(draft, number, movable ? 'online_movable' : 'online')
    if (errno !== null) return { errno, words: 'failed to online memory' }
  }
  return null
}

/** Offlines the blocks that are online, until one fails. */
function offlineAll(draft: World, device: DaxDevice): Problem | null {
  for (const [number, { online }] of blocksByDaxctl(draft, device)) {
    const errno = online ? offlineBlock(draft, number) : null
    if (errno !== null) return { errno, words: 'failed to offline memory' }
  }
  return null
}
