import { z } from 'zod'
import { done } from '../model/outcome.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'

const FILE = '/sys/kernel/debug/kmemleak'

/** What was allocated less than 5 s ago is not reported: its pointer may be in a register. */
const MIN_AGE_S = 6

const clear = defineStep({
  verb: 'kmemleak clear',
  args: z.object({}),
  title: () => 'kmemleak: forget what was lost so far',
  script: () => `echo scan > ${FILE} && echo clear > ${FILE}`,
  model: (world) => done(evolve(world, () => {})),
})

const scan = defineStep({
  verb: 'kmemleak scan',
  args: z.object({}),
  title: () => 'kmemleak finds nothing',
  // Twice: an object is reported when its content has not changed since the scan before.
  script: () => `sleep ${MIN_AGE_S}
echo scan > ${FILE} && echo scan > ${FILE} || exit
if grep -q . ${FILE}; then cat ${FILE} >&2; exit 1; fi`,
  model: (world) => done(evolve(world, () => {})),
})

/**
 * Memory that nobody refers to any more. A scenario with such steps needs CONFIG_DEBUG_KMEMLEAK.
 * Source: mm/kmemleak.c, kmemleak_write(), MSECS_MIN_AGE (2.6.31).
 */
export const kmemleak = {
  /** Leaks of the boot are not the scenario's. */
  clear: (): Step => clear({}),
  scan: (): Step => scan({}),
}
