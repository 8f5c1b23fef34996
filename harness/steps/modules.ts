import { z } from 'zod'
import { modprobeKmem } from '../model/dax-bus.ts'
import { unloadKmem } from '../model/kmem.ts'
import { done } from '../model/outcome.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'

const modprobe = defineStep({
  verb: 'modprobe',
  args: z.object({ module: z.literal('kmem'), remove: z.boolean() }),
  title: ({ module, remove }) => `modprobe ${remove ? '-r ' : ''}${module}`,
  script: ({ module, remove }) => `modprobe ${remove ? '-r ' : ''}${module}`,
  model: (world, { remove }) => done(evolve(world, (draft) => (remove ? unloadKmem(draft) : modprobeKmem(draft)))),
})

/** Steps on kernel modules. */
export const modules = {
  load: (module: 'kmem'): Step => modprobe({ module, remove: false }),
  unload: (module: 'kmem'): Step => modprobe({ module, remove: true }),
}
