import { z } from 'zod'
import * as model from '../model/daxctl.ts'
import { deviceOf, type PmemTarget } from '../topology/machine.ts'
import { deviceKey } from '../topology/world.ts'
import { defineStep, type Step } from './step.ts'

const toSystemRam = defineStep({
  verb: 'daxctl reconfigure-device --mode=system-ram',
  args: z.object({ device: z.string(), online: z.boolean(), movable: z.boolean(), force: z.boolean() }),
  title: ({ device, ...options }) => `daxctl reconfigure-device --mode=system-ram${flags(options)} on NVDIMM ${device}`,
  script: ({ device, ...options }, { names }) =>
    `daxctl reconfigure-device --mode=system-ram${flags(options)} ${names(device).dax}`,
  model: (world, { device, ...options }) => model.reconfigureToSystemRam(world, device, options),
})

const toDevdax = defineStep({
  verb: 'daxctl reconfigure-device --mode=devdax',
  args: z.object({ device: z.string(), force: z.boolean() }),
  title: ({ device, force }) => `daxctl reconfigure-device --mode=devdax${force ? ' --force' : ''} on NVDIMM ${device}`,
  script: ({ device, force }, { names }) =>
    `daxctl reconfigure-device --mode=devdax${force ? ' --force' : ''} ${names(device).dax}`,
  model: (world, { device, force }) => model.reconfigureToDevdax(world, device, force),
})

const online = defineStep({
  verb: 'daxctl online-memory',
  args: z.object({ device: z.string(), movable: z.boolean() }),
  title: ({ device, movable }) => `daxctl online-memory${movable ? '' : ' --no-movable'} on NVDIMM ${device}`,
  script: ({ device, movable }, { names }) =>
    `daxctl online-memory${movable ? '' : ' --no-movable'} ${names(device).dax}`,
  model: (world, { device, movable }) => model.onlineMemory(world, device, movable),
})

const offline = defineStep({
  verb: 'daxctl offline-memory',
  args: z.object({ device: z.string() }),
  title: ({ device }) => `daxctl offline-memory on NVDIMM ${device}`,
  script: ({ device }, { names }) => `daxctl offline-memory ${names(device).dax}`,
  model: (world, { device }) => model.offlineMemory(world, device),
})

function flags({ online, movable, force }: model.SystemRamOptions): string {
  return `${online ? '' : ' --no-online'}${movable ? '' : ' --no-movable'}${force ? ' --force' : ''}`
}

export type ReconfigureOptions =
  | { mode: 'system-ram'; noOnline?: boolean; noMovable?: boolean; force?: boolean }
  | { mode: 'devdax'; force?: boolean }

/** Steps of daxctl, in its own words. */
export const daxctl = {
  reconfigureDevice(target: PmemTarget, options: ReconfigureOptions): Step {
    const device = deviceKey(deviceOf(target))
    const force = options.force ?? false
    if (options.mode === 'devdax') return toDevdax({ device, force })
    return toSystemRam({ device, force, online: !options.noOnline, movable: !options.noMovable })
  },
  onlineMemory(target: PmemTarget, options: { noMovable?: boolean } = {}): Step {
    return online({ device: deviceKey(deviceOf(target)), movable: !options.noMovable })
  },
  offlineMemory(target: PmemTarget): Step {
    return offline({ device: deviceKey(deviceOf(target)) })
  },
}
