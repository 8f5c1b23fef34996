import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import type { Outcome } from '../model/outcome.ts'
import { atRest, type World } from '../model/world.ts'
import { defineStep, faces, type Step } from './step.ts'

const Inner = z.object({ verb: z.string(), args: z.json() })

const race = defineStep({
  verb: 'race',
  args: z.object({ one: Inner, other: Inner }),
  title: ({ one, other }) => `at once: ${faces(one).title()}; ${faces(other).title()}`,
  // Each in a shell of its own. Which of them was refused is in the status: 1 for the one, 2 for the other, 3 for both.
  script: ({ one, other }, context) => `( ${faces(one).script(context)}
) & one=$!
( ${faces(other).script(context)}
) & other=$!
status=0
wait $one || status=1
wait $other || status=$((status + 2))
exit $status`,
  model: (world, { one, other }) => {
    const orders = [serial(world, one, other, [1, 2]), serial(world, other, one, [2, 1])] as const
    return { ...orders[0], orders }
  },
})

/** One behind the other. */
function serial(world: World, first: Step, second: Step, weights: readonly [number, number]): Outcome {
  const a = faces(first).model(atRest(world))
  const b = faces(second).model({ ...a.world, conditions: [...a.world.conditions] })
  return {
    world: b.world,
    status: (a.status === 0 ? 0 : weights[0]) + (b.status === 0 ? 0 : weights[1]),
    words: b.words || a.words,
  }
}

/**
 * Two steps at once, on two CPUs if the machine has them. Any order in which they could come one behind the other is
 * right, and so is what each answers then. Where the orders lead to different worlds, no step can follow.
 */
export function atOnce(one: Step, other: Step): Step {
  for (const { verb, args, refuses } of [one, other]) {
    if (refuses !== undefined)
      throw new UsageError('Which of two steps is refused is for the model to say, when they race.')
    if (OUTSIDE.test(verb))
      throw new UsageError(`“${faces({ verb, args }).title()}” is not done in the guest, and cannot race.`)
  }
  return race({ one: Inner.parse(one), other: Inner.parse(other) })
}

/** Steps that are typed into QEMU's monitor, and races themselves. */
const OUTSIDE = /^(qemu |guest |race$)/
