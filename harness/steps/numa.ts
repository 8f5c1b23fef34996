import { z } from 'zod'
import { done } from '../model/outcome.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'

const demotion = defineStep({
  verb: 'numa demotion',
  args: z.object({ enabled: z.boolean() }),
  title: ({ enabled }) => `echo ${enabled} > demotion_enabled`,
  script: ({ enabled }) => `echo ${enabled} > /sys/kernel/mm/numa/demotion_enabled`,
  model: (world, { enabled }) =>
    done(
      evolve(world, (draft) => {
        draft.demotion_enabled = enabled
      }),
    ),
})

/** Steps on /sys/kernel/mm/numa. */
export const numa = {
  demotion: (enabled: boolean): Step => demotion({ enabled }),
}
