import { BLOCK_BYTES } from '../base/size.ts'
import { addBlocks, offlineBlock, removeBlocks } from './memory-hotplug.ts'
import { done, type Outcome, refused } from './outcome.ts'
import { evolve, type VirtioMem, type World } from './world.ts'

/** The device of a key. Asking for one that the machine does not have is a mistake in a step. */
export function virtioMemIn(world: World, key: string): VirtioMem {
  const device = world.virtio_mems.find((candidate) => candidate.key === key)
  if (device === undefined) throw new RangeError(`no device ${key} in this machine`)
  return device
}

/** Memory blocks of the device that are there, by number. */
export function pluggedBlocks(world: World, { blocks, key }: VirtioMem): number[] {
  return blocks.filter((block) => world.blocks.get(block)?.owner === key)
}

/**
 * The device is asked to be of a size. Its blocks are one memory block each, so that the driver is in big block mode.
 * QEMU refuses what the device cannot be.
 * Source: drivers/virtio/virtio_mem.c, virtio_mem_run_wq() (6.1); QEMU's hw/virtio/virtio-mem.c,
 * virtio_mem_set_requested_size().
 */
export function requestSize(world: World, key: string, bytes: number): Outcome {
  const { blocks } = virtioMemIn(world, key)
  if (bytes > blocks.length * BLOCK_BYTES) return refused(world, 1, 'cannot exceed the memory backend size')
  if (bytes % BLOCK_BYTES !== 0) return refused(world, 1, 'has to be multiples of')
  return done(
    evolve(world, (draft) => {
      const device = virtioMemIn(draft, key)
      device.requested = bytes / BLOCK_BYTES
      meetRequest(draft, device)
    }),
  )
}

/** What the driver does about a size that is not the one asked for, once. */
export function meetRequest(draft: World, device: VirtioMem): void {
  const plugged = pluggedBlocks(draft, device)
  if (device.requested > plugged.length) grow(draft, device, device.requested - plugged.length)
  else shrink(draft, device, plugged.length - device.requested)
}

/**
 * The lowest blocks that are not there, one after the other; whether they come online is the policy's business.
 * Source: virtio_mem_bbm_plug_request() (6.1).
 */
function grow(draft: World, device: VirtioMem, count: number): void {
  const plugged = pluggedBlocks(draft, device)
  const free = device.blocks.filter((block) => !plugged.includes(block))
  for (const block of free.slice(0, count)) addBlocks(draft, device.node, [block], device.key)
}

/**
 * Offline blocks first, then movable ones, then the others, from the highest down; one that cannot be offlined is
 * passed over. Source: virtio_mem_bbm_unplug_request() (6.1).
 */
function shrink(draft: World, device: VirtioMem, count: number): void {
  let left = count
  const blocks = pluggedBlocks(draft, device).reverse()
  const passes = [
    (block: number) => !draft.blocks.get(block)?.online,
    (block: number) => draft.blocks.get(block)?.zone === 'Movable',
    () => true,
  ]
  for (const isTurn of passes)
    for (const block of blocks) {
      if (left === 0) return
      if (!draft.blocks.has(block) || !isTurn(block)) continue
      if (draft.blocks.get(block)?.online && offlineBlock(draft, block) !== null) continue
      removeBlocks(draft, [block])
      left -= 1
    }
}
