import { z } from 'zod'
import * as model from '../model/ndctl.ts'
import { deviceIn } from '../model/world.ts'
import { deviceOf, type PmemTarget } from '../topology/machine.ts'
import { deviceKey } from '../topology/world.ts'
import { defineStep, type Step } from './step.ts'

const create = defineStep({
  verb: 'ndctl create-namespace',
  args: z.object({ device: z.string(), map: z.enum(['dev', 'mem']) }),
  title: ({ device, map }) => `ndctl create-namespace --mode=devdax --map=${map} on NVDIMM ${device}`,
  script: ({ device, map }, { names, world }) => {
    const { labels, ranges } = deviceIn(world, device)
    const { region, namespace } = names(device)
    // A region without labels has one raw namespace, to be made anew; one with labels has free space, or a namespace.
    const where = labels === 'written' && ranges === null ? `--region=${region}` : `--force --reconfig=${namespace}`
    return `ndctl create-namespace ${where} --mode=devdax --map=${map} --align=2M`
  },
  model: (world, { device, map }) => model.createNamespace(world, device, map),
})

const destroy = defineStep({
  verb: 'ndctl destroy-namespace',
  args: z.object({ device: z.string(), force: z.boolean() }),
  title: ({ device, force }) => `ndctl destroy-namespace${force ? ' --force' : ''} on NVDIMM ${device}`,
  script: ({ device, force }, { names }) =>
    `ndctl destroy-namespace${force ? ' --force' : ''} ${names(device).namespace}`,
  model: (world, { device, force }) => model.destroyNamespace(world, device, force),
})

/** Steps of ndctl, in its own words. */
export const ndctl = {
  /** A devdax namespace over the whole region; `map` says where its struct pages live (`dev`: in the namespace). */
  createNamespace(target: PmemTarget, options: { mode: 'devdax'; map?: model.Map }): Step {
    return create({ device: deviceKey(deviceOf(target)), map: options.map ?? 'dev' })
  },
  destroyNamespace(target: PmemTarget, options: { force?: boolean } = {}): Step {
    return destroy({ device: deviceKey(deviceOf(target)), force: options.force ?? false })
  },
}
