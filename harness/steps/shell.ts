import { z } from 'zod'
import { done } from '../model/outcome.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'

const run = defineStep({
  verb: 'sh',
  args: z.object({ script: z.string() }),
  title: ({ script }) => `sh: ${script.split('\n')[0]}`,
  script: ({ script }) => script,
  model: (world) => done(evolve(world, () => {})),
})

/** Any commands that, so says the scenario, change nothing which the model knows of, and succeed. */
export function shell(script: string): Step {
  return run({ script })
}
