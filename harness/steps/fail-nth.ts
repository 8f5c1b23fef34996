import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { done } from '../model/outcome.ts'
import { atRest, evolve } from '../model/world.ts'
import { defineStep, faces, type Step } from './step.ts'

/** A step whose script is one line that the shell itself carries out: fail-nth is a task's own, and no child has it. */
const Inner = z.object({ verb: z.enum(['dax driver', 'memory block state']), args: z.json() })

const DEBUG = '/sys/kernel/debug'
/** By default allocations that may wait, and pages by themselves, do not fail. */
const SETTINGS = `for fault in failslab fail_page_alloc; do
  echo N > ${DEBUG}/$fault/ignore-gfp-wait
  echo 1 > ${DEBUG}/$fault/verbose
done
echo 0 > ${DEBUG}/fail_page_alloc/min-order`
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
    return beyond ? outcome : { ...outcome, failing: atRest(world) }
  },
})

const again = defineStep({
  verb: 'again if it failed',
  args: z.object({ step: Inner }),
  title: ({ step }) => `${faces(step).title()}, if that failed`,
  script: ({ step }, context) => `[ -e ${MARK} ] || exit 0
rm ${MARK}
${faces(step).script(context)}`,
  model: (world) => done(evolve(world, () => {})),
})

function inner(step: Step): z.infer<typeof Inner> {
  const parsed = Inner.safeParse(step)
  if (parsed.success) return parsed.data
  throw new UsageError(`“${step.verb}” is not carried out by one task, as fail-nth needs it.`)
}

/**
 * Allocations that fail, by fail-nth of a task. A scenario with such steps needs CONFIG_FAILSLAB and
 * CONFIG_FAIL_PAGE_ALLOC. Source: lib/fault-inject.c, should_fail_ex(); fs/proc/base.c (fail-nth: 4.13).
 */
export const fault = {
  /** The step with its Nth allocation failing. It then is refused and changes nothing, or works all the same. */
  failNth: (step: Step, n: number): Step => failNth({ n, step: inner(step), beyond: false }),
  /** Behind `failNth`: the same once more, if it failed; now it must work. */
  again: (step: Step): Step => again({ step: inner(step) }),
  /** The step makes fewer than N allocations: a sweep up to N − 1 has seen all of them fail. */
  fewerThan: (step: Step, n: number): Step => failNth({ n, step: inner(step), beyond: true }),
}
