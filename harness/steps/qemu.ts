import { z } from 'zod'
import { BLOCK_BYTES, formatSize } from '../base/size.ts'
import { dimmIn, plugDimm, unplugDimm } from '../model/dimm.ts'
import { pluggedBlocks, requestSize, virtioMemIn } from '../model/virtio-mem.ts'
import type { World } from '../model/world.ts'
import { dimmId, memoryOfDevice, virtioMemId } from '../topology/device-names.ts'
import { type DimmTarget, dimmOf, type VirtioMemDevice } from '../topology/machine.ts'
import { defineStep, type Resized, type Step } from './step.ts'

const deviceAdd = defineStep({
  verb: 'qemu device_add',
  args: z.object({ id: z.string() }),
  title: ({ id }) => `device_add pc-dimm ${id}`,
  monitor: ({ id }, { world }) => ({ line: deviceAddLine(world, id), settles: { when: 'plugged', id } }),
  model: (world, { id }) => plugDimm(world, id),
})

const deviceDel = defineStep({
  verb: 'qemu device_del',
  args: z.object({ id: z.string() }),
  title: ({ id }) => `device_del ${id}`,
  monitor: ({ id }) => ({ line: `device_del ${id}`, settles: { when: 'ejected', id } }),
  model: (world, { id }) => unplugDimm(world, id),
})

const requestedSize = defineStep({
  verb: 'qemu qom-set requested-size',
  args: z.object({ id: z.string(), bytes: z.number().int() }),
  title: ({ id, bytes }) => `qom-set ${id} requested-size ${formatSize(bytes)}`,
  monitor: ({ id, bytes }, { world }) => ({
    line: `qom-set ${id} requested-size ${bytes}`,
    settles: { when: 'resized', devices: resizedDevices(requestSize(world, id, bytes).world, [id]) },
  }),
  model: (world, { id, bytes }) => requestSize(world, id, bytes),
})

/** What virtio-mem devices come to by the model: for as much a step waits. */
export function resizedDevices(after: World, ids = after.virtio_mems.map(({ key }) => key)): Resized[] {
  return ids.map((id) => {
    const blocks = pluggedBlocks(after, virtioMemIn(after, id))
    return { id, bytes: blocks.length * BLOCK_BYTES, blocks }
  })
}

/** The address is ours to say, so that block numbers are known before. */
function deviceAddLine(world: World, id: string): string {
  const { node, blocks } = dimmIn(world, id)
  const address = ((blocks[0] ?? 0) * BLOCK_BYTES).toString(16)
  return `device_add pc-dimm,id=${id},memdev=${memoryOfDevice(id)},node=${node},addr=0x${address}`
}

/** Steps on the machine, in the words of QEMU's monitor. Source: QEMU's docs/memory-hotplug.txt. */
export const qemu = {
  /** Plugs a DIMM in; done when the guest has dealt with it. */
  deviceAdd: (target: DimmTarget): Step => deviceAdd({ id: dimmId(dimmOf(target)) }),
  /** Asks the guest to let a DIMM go; done when it has, or has refused. */
  deviceDel: (target: DimmTarget): Step => deviceDel({ id: dimmId(dimmOf(target)) }),
  /** Asks a virtio-mem device to be of a size; done when the guest has made it so, or does nothing more about it. */
  requestedSize: ({ node }: VirtioMemDevice, bytes: number): Step => requestedSize({ id: virtioMemId(node), bytes }),
}
