import { z } from 'zod'
import * as region from '../model/dax-region.ts'
import * as model from '../model/daxctl.ts'
import type { DaxTarget, HmemDevice, SoftReservedNode } from '../topology/machine.ts'
import { daxKey } from '../topology/world.ts'
import { keyOf, nameOf } from './device.ts'
import { defineStep, type Step } from './step.ts'

const toSystemRam = defineStep({
  verb: 'daxctl reconfigure-device --mode=system-ram',
  args: z.object({ device: z.string(), online: z.boolean(), movable: z.boolean(), force: z.boolean() }),
  title: ({ device, ...options }) =>
    `daxctl reconfigure-device --mode=system-ram${flags(options)} on ${nameOf(device)}`,
  script: ({ device, ...options }, { names }) =>
    `daxctl reconfigure-device --mode=system-ram${flags(options)} ${names(device).dax}`,
  model: (world, { device, ...options }) => model.reconfigureToSystemRam(world, device, options),
})

const toDevdax = defineStep({
  verb: 'daxctl reconfigure-device --mode=devdax',
  args: z.object({ device: z.string(), force: z.boolean() }),
  title: ({ device, force }) =>
    `daxctl reconfigure-device --mode=devdax${force ? ' --force' : ''} on ${nameOf(device)}`,
  script: ({ device, force }, { names }) =>
    `daxctl reconfigure-device --mode=devdax${force ? ' --force' : ''} ${names(device).dax}`,
  model: (world, { device, force }) => model.reconfigureToDevdax(world, device, force),
})

const online = defineStep({
  verb: 'daxctl online-memory',
  args: z.object({ device: z.string(), movable: z.boolean() }),
  title: ({ device, movable }) => `daxctl online-memory${movable ? '' : ' --no-movable'} on ${nameOf(device)}`,
  script: ({ device, movable }, { names }) =>
    `daxctl online-memory${movable ? '' : ' --no-movable'} ${names(device).dax}`,
  model: (world, { device, movable }) => model.onlineMemory(world, device, movable),
})

const offline = defineStep({
  verb: 'daxctl offline-memory',
  args: z.object({ device: z.string() }),
  title: ({ device }) => `daxctl offline-memory on ${nameOf(device)}`,
  script: ({ device }, { names }) => `daxctl offline-memory ${names(device).dax}`,
  model: (world, { device }) => model.offlineMemory(world, device),
})

const create = defineStep({
  verb: 'daxctl create-device',
  args: z.object({ node: z.number().int(), bytes: z.number().int().nullable() }),
  title: ({ node, bytes }) => `daxctl create-device${sizeFlag(bytes)} in the region of node ${node}`,
  script: ({ node, bytes }, { names }) =>
    `daxctl create-device --region=${regionNumber(names(daxKey({ node, dax: 0 })).dax)}${sizeFlag(bytes)}`,
  model: (world, { bytes }) => region.createDevice(world, bytes),
})

const destroy = defineStep({
  verb: 'daxctl destroy-device',
  args: z.object({ device: z.string(), force: z.boolean() }),
  title: ({ device, force }) => `daxctl destroy-device${force ? ' --force' : ''} ${device}`,
  script: ({ device, force }, { names }) => `daxctl destroy-device${force ? ' --force' : ''} ${names(device).dax}`,
  model: (world, { device, force }) => region.destroyDevice(world, device, force),
})

const resize = defineStep({
  verb: 'daxctl reconfigure-device --size',
  args: z.object({ device: z.string(), bytes: z.number().int() }),
  title: ({ device, bytes }) => `daxctl reconfigure-device${sizeFlag(bytes)} ${device}`,
  script: ({ device, bytes }, { names }) => `daxctl reconfigure-device${sizeFlag(bytes)} ${names(device).dax}`,
  model: (world, { device, bytes }) => region.resizeDevice(world, device, bytes),
})

function sizeFlag(bytes: number | null): string {
  return bytes === null ? '' : ` --size=${bytes}`
}

/** Of `dax1.0`. */
function regionNumber(dax: string): string {
  return dax.replace(/^dax(\d+)\..*$/, '$1')
}

function flags({ online, movable, force }: model.SystemRamOptions): string {
  return `${online ? '' : ' --no-online'}${movable ? '' : ' --no-movable'}${force ? ' --force' : ''}`
}

export type ReconfigureOptions =
  | { mode: 'system-ram'; noOnline?: boolean; noMovable?: boolean; force?: boolean }
  | { mode: 'devdax'; force?: boolean }
  /** A multiple of 2 MiB. */
  | { size: number }

/** Steps of daxctl, in its own words. */
export const daxctl = {
  /** A dax device in a dynamic region, bound to device_dax: all that is left of the region, unless a size is given. */
  createDevice(target: SoftReservedNode, options: { size?: number } = {}): Step {
    return create({ node: target.node, bytes: options.size ?? null })
  },
  destroyDevice(target: HmemDevice, options: { force?: boolean } = {}): Step {
    return destroy({ device: daxKey(target), force: options.force ?? false })
  },
  reconfigureDevice(target: DaxTarget, options: ReconfigureOptions): Step {
    const device = keyOf(target)
    if ('size' in options) return resize({ device, bytes: options.size })
    const force = options.force ?? false
    if (options.mode === 'devdax') return toDevdax({ device, force })
    return toSystemRam({ device, force, online: !options.noOnline, movable: !options.noMovable })
  },
  onlineMemory(target: DaxTarget, options: { noMovable?: boolean } = {}): Step {
    return online({ device: keyOf(target), movable: !options.noMovable })
  },
  offlineMemory(target: DaxTarget): Step {
    return offline({ device: keyOf(target) })
  },
}
