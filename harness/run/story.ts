import { UsageError } from '../base/errors.ts'
import type { Era } from '../model/eras.ts'
import { done, isUndecided, type Outcome } from '../model/outcome.ts'
import { atRest, type World } from '../model/world.ts'
import { isPin, pinDisagreements, type Scenario } from '../scenario.ts'
import '../steps/all.ts'
import { faces, type Step } from '../steps/step.ts'
import { bootWorld } from '../topology/world.ts'

/** One step of a scenario as the model tells it: the world it meets, and what it comes to. */
export interface Chapter {
  /** 0 is the start, before any step. */
  readonly index: number
  readonly step: Step | null
  readonly title: string
  readonly before: World
  readonly outcome: Outcome
  /** Where pins behind this step, or its `refuses`, disagree with the model. */
  readonly disagreements: readonly string[]
}

/** What must happen, without QEMU. */
export function tell(scenario: Scenario, era: Era): Chapter[] {
  const start = bootWorld(scenario.machine, era)
  const chapters: Chapter[] = [
    { index: 0, step: null, title: 'boot', before: start, outcome: done(start), disagreements: [] },
  ]
  for (const item of scenario.steps) {
    const last = chapters.at(-1)
    if (last === undefined) break
    const { world } = last.outcome
    if (isPin(item)) {
      const disagreements = [...last.disagreements, ...pinDisagreements(item, world)]
      chapters[chapters.length - 1] = { ...last, disagreements }
    } else {
      if (isUndecided(last.outcome))
        throw new UsageError(
          `Behind “${last.title}” it is not certain in which state the kernel is: no step can follow.`,
        )
      chapters.push(chapterOf(item, chapters.length, world))
    }
  }
  return chapters
}

function chapterOf(step: Step, index: number, before: World): Chapter {
  const { title, model } = faces(step)
  const outcome = model(atRest(before))
  // Of a race it is not asked: each order has its own answer.
  const refused = outcome.orders === undefined && outcome.status !== 0
  const disagreements =
    refused === (step.refuses !== undefined)
      ? []
      : [
          refused
            ? `“${title()}” is refused (${outcome.words}), says the model; the scenario does not say so`
            : `“${title()}” is refused, says the scenario; the model says that it works`,
        ]
  return { index, step, title: title(), before, outcome, disagreements }
}
