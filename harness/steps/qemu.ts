import { z } from 'zod'
import { BLOCK_BYTES } from '../base/size.ts'
import { dimmIn, plugDimm, unplugDimm } from '../model/dimm.ts'
import type { World } from '../model/world.ts'
import { dimmId, dimmMemory } from '../topology/device-names.ts'
import { type DimmTarget, dimmOf } from '../topology/machine.ts'
import { defineStep, type Step } from './step.ts'

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

/** The address is ours to say, so that block numbers are known before. */
function deviceAddLine(world: World, id: string): string {
  const { node, blocks } = dimmIn(world, id)
  const address = ((blocks[0] ?? 0) * BLOCK_BYTES).toString(16)
  return `device_add pc-dimm,id=${id},memdev=${dimmMemory(id)},node=${node},addr=0x${address}`
}

/** Steps on the machine, in the words of QEMU's monitor. Source: QEMU's docs/memory-hotplug.txt. */
export const qemu = {
  /** Plugs a DIMM in; done when the guest has dealt with it. */
  deviceAdd: (target: DimmTarget): Step => deviceAdd({ id: dimmId(dimmOf(target)) }),
  /** Asks the guest to let a DIMM go; done when it has, or has refused. */
  deviceDel: (target: DimmTarget): Step => deviceDel({ id: dimmId(dimmOf(target)) }),
}
