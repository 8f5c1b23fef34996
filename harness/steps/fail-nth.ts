import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { atRest, type Condition } from '../model/world.ts'
import { defineStep, faces, type Step } from './step.ts'

/** A step whose script is one line that the shell itself carries out: fail-nth is a task's own, and no child has it. */
const Inner = z.object({ verb: z.enum(['dax driver', 'memory block state']), args: z.json() })

const DEBUG = '/sys/kernel/debug'
/**
 * By default allocations that may wait do not fail. Pages by themselves are left alone: without one for the direct map
 * x86 does not go on (docs/findings/want-of-memory-while-memory-is-added.md).
 */
const SETTINGS = `echo N > ${DEBUG}/failslab/ignore-gfp-wait
echo 1 > ${DEBUG}/failslab/verbose`
const MARK = '/run/failed'

const failNth = defineStep({
  verb: 'fail nth',
  args: z.object({ n: z.number().int().min(1), step: Inner, beyond: z.boolean() }),
  title: ({ n, step, beyond }) =>
    beyond
      ? `${faces(step).title()}, which makes fewer than ${n} allocations`
      : `${faces(step).title()}, allocation ${n} failing`,
  script: ({ n, step, beyond }, context) => `${SETTINGS}
rm -f ${MARK}
echo ${n} > /proc/self/fail-nth
${faces(step).script(context)}
status=$?
read -r left < /proc/self/fail-nth
echo 0 > /proc/self/fail-nth
[ $status = 0 ] || touch ${MARK}
${beyond ? `[ "$left" != 0 ] || { echo 'allocation ${n} was made, and failed' >&2; exit 9; }\n` : ''}exit $status`,
  model: (world, { step, beyond }) => {
    const outcome = faces(step).model(world)
    if (outcome.status !== 0)
      throw new UsageError(`“${faces(step).title()}” is refused (${outcome.words}) even when no allocation fails.`)
    if (beyond) return outcome
    return { ...outcome, failing: atRest(world), flaws: step.verb === 'dax driver' ? ADDING : ONLINING }
  },
})

/** What x86 and mm/ make of failures that they do not hand on. */
const ADDING: readonly Condition[] = [
  'adding memory fails for want of memory',
  'a memory block cannot be linked to its node',
]
const ONLINING: readonly Condition[] = ['the tier of a node cannot be allocated']

const settle = defineStep({
  verb: 'settle',
  args: z.object({ step: Inner, undo: Inner }),
  title: ({ step, undo }) => `${faces(step).title()}, if that failed; then ${faces(undo).title()}`,
  script: ({ step, undo }, context) => `if [ -e ${MARK} ]; then
  rm ${MARK}
  ${faces(step).script(context)} || exit
fi
${faces(undo).script(context)}`,
  model: (world, { undo }) => faces(undo).model(world),
})

function inner(step: Step): z.infer<typeof Inner> {
  const parsed = Inner.safeParse(step)
  if (parsed.success) return parsed.data
  throw new UsageError(`“${step.verb}” is not carried out by one task, as fail-nth needs it.`)
}

/**
 * Allocations that fail, by fail-nth of a task. A scenario with such steps needs CONFIG_FAILSLAB.
 * Source: lib/fault-inject.c, should_fail_ex(); fs/proc/base.c (fail-nth: 4.13).
 */
export const fault = {
  /** The step with its Nth allocation failing. It then is refused and changes nothing, or works all the same. */
  failNth: (step: Step, n: number): Step => failNth({ n, step: inner(step), beyond: false }),
  /** Behind `failNth`: the same once more, if it failed, which now must work; and then what undoes it. */
  settle: (step: Step, undo: Step): Step => settle({ step: inner(step), undo: inner(undo) }),
  /** The step makes fewer than N allocations: a sweep up to N − 1 has seen all of them fail. */
  fewerThan: (step: Step, n: number): Step => failNth({ n, step: inner(step), beyond: true }),
}
