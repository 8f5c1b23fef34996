import { UsageError } from '../base/errors.ts'
import type { Era } from '../model/eras.ts'
import { isPin, type Scenario } from '../scenario.ts'
import { type Chapter, tell } from './story.ts'

/**
 * The scenario as far as a step, that one included, with the pins behind it. The step is named by its number (0 is the
 * boot), by its title as reports print it, or by a part of it that no other title has.
 * Throws UsageError, which lists the steps, when that names none or several.
 */
export function upTo(scenario: Scenario, era: Era, named: string): Scenario {
  const last = chosen(tell(scenario, era), named)
  let taken = 0
  const end = scenario.steps.findIndex((item) => {
    if (!isPin(item)) taken += 1
    return taken > last
  })
  return end < 0 ? scenario : { ...scenario, steps: scenario.steps.slice(0, end) }
}

function chosen(chapters: readonly Chapter[], named: string): number {
  const wanted = named.trim().toLowerCase()
  const steps = chapters.map(({ index, title }) => ({ index, title: title.toLowerCase() }))
  const ways = [
    /^\d+$/.test(wanted) ? steps.filter(({ index }) => index === Number(wanted)) : [],
    steps.filter(({ title }) => title === wanted),
    wanted === '' ? [] : steps.filter(({ title }) => title.includes(wanted)),
  ]
  const found = ways.find(({ length }) => length > 0) ?? []
  const [first] = found
  if (first !== undefined && found.length === 1) return first.index
  const problem = first === undefined ? 'There is no step' : `${found.length} steps are like`
  const list = chapters.map(({ index, title }) => `${index} ${title}`).join('; ')
  throw new UsageError(`${problem} “${named}” in this scenario. Its steps: ${list}.`)
}
