import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { kmemBlocks } from '../model/kmem.ts'
import { type Errno, offlineBlock, onlineBlock } from '../model/memory-hotplug.ts'
import { done, type Outcome, refused, STRERROR } from '../model/outcome.ts'
import { deviceIn, evolve, type World } from '../model/world.ts'
import { dimmId, virtioMemId } from '../topology/device-names.ts'
import type { DaxTarget, DimmDevice, VirtioMemDevice } from '../topology/machine.ts'
import { keyOf, nameOf } from './device.ts'
import { defineStep, type Step } from './step.ts'

const MEMORY = '/sys/devices/system/memory'
const OnlineType = z.enum(['online', 'online_kernel', 'online_movable'])
const Policy = z.enum(['offline', 'online', 'online_kernel', 'online_movable'])

const writeState = defineStep({
  verb: 'memory block state',
  args: z.object({ device: z.string(), block: z.number().int(), state: z.union([OnlineType, z.literal('offline')]) }),
  title: ({ device, block, state }) => `echo ${state} > state of memory block ${block} of ${nameOf(device)}`,
  script: ({ device, block, state }, { world }) =>
    `echo ${state} > ${MEMORY}/memory${blockNumber(world, device, block)}/state`,
  model: (world, { device, block, state }) => {
    const number = blockNumber(world, device, block)
    // Without the block there is no file, nor a folder for one: the shell itself cannot open it.
    if (!world.blocks.has(number)) return refused(world, 1, 'nonexistent directory')
    return write(world, (draft) =>
      state === 'offline' ? offlineBlock(draft, number) : onlineBlock(draft, number, state),
    )
  },
})

const writePolicy = defineStep({
  verb: 'auto_online_blocks',
  args: z.object({ policy: Policy }),
  title: ({ policy }) => `echo ${policy} > auto_online_blocks`,
  script: ({ policy }) => `echo ${policy} > ${MEMORY}/auto_online_blocks`,
  model: (world, { policy }) =>
    done(
      evolve(world, (draft) => {
        draft.auto_online = policy
      }),
    ),
})

/** The number in memoryN of a device's block, counted from 0 at its lowest address. */
function blockNumber(world: World, device: string, index: number): number {
  const number = blocksNamed(world, device)[index]
  if (number === undefined) throw new UsageError(`${nameOf(device)} has no memory block ${index} at this point.`)
  return number
}

function blocksNamed(world: World, key: string): readonly number[] {
  const named = [...world.dimms, ...world.virtio_mems].find((candidate) => candidate.key === key)
  return named?.blocks ?? kmemBlocks(deviceIn(world, key))
}

type MemoryTarget = DaxTarget | DimmDevice | VirtioMemDevice

function memoryKey(target: MemoryTarget): string {
  if ('dimm' in target) return dimmId(target)
  return 'virtio_mem' in target ? virtioMemId(target.node) : keyOf(target)
}

/** One write to sysfs, as echo(1) answers it. */
export function write(world: World, change: (draft: World) => Errno | null): Outcome {
  let errno: Errno | null = null
  const after = evolve(world, (draft) => {
    errno = change(draft)
  })
  return errno === null ? done(after) : refused(after, 1, STRERROR[errno])
}

/** Steps on memory blocks, by the files of sysfs. Blocks of a device are counted from 0. */
export const memory = {
  online(target: MemoryTarget, block: number, type: z.infer<typeof OnlineType> = 'online_movable'): Step {
    return writeState({ device: memoryKey(target), block, state: type })
  },
  offline(target: MemoryTarget, block: number): Step {
    return writeState({ device: memoryKey(target), block, state: 'offline' })
  },
  autoOnline(policy: z.infer<typeof Policy>): Step {
    return writePolicy({ policy })
  },
}
