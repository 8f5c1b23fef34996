import { z } from 'zod'
import { done } from '../model/outcome.ts'
import { BALANCING, promote, setBalancing } from '../model/promotion.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'
import { awaitPromotion } from './workload.ts'

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

const balancing = defineStep({
  verb: 'numa balancing',
  args: z.object({ mode: z.enum(['off', 'tiering']) }),
  title: ({ mode }) => `echo ${BALANCING[mode]} > numa_balancing (${mode})`,
  script: ({ mode }, { world }) =>
    `echo ${BALANCING[mode]} > /proc/sys/kernel/numa_balancing${awaitPromotion(setBalancing(world, mode))}`,
  model: (world, { mode }) => promote(done(setBalancing(world, mode))),
})

/** Steps on /sys/kernel/mm/numa, and on NUMA balancing. */
export const numa = {
  /** `tiering` promotes pages that are used and lie below the top tier. */
  balancing: (mode: keyof typeof BALANCING): Step => balancing({ mode }),
  demotion: (enabled: boolean): Step => demotion({ enabled }),
}
