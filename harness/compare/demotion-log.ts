import { formatNodeSet } from '../base/node-set.ts'
import type { DemotionTargets, World } from '../model/world.ts'
import { messageText } from '../observe/observation.ts'
import type { Difference } from './expectation.ts'

const RULE = 'every rebuild of the demotion targets is logged (mm/memory-tiers.c, dump_demotion_targets)'

/**
 * Compares the demotion targets that a kernel logged during a step with those that the model built, rebuild by
 * rebuild. Eras that log nothing give nothing to compare.
 */
export function demotionLogDifferences(world: World, messages: readonly string[]): Difference[] {
  if (!world.era.logs_demotion_targets) return []
  const observed = messages.map(messageText).filter((text) => text.startsWith('Demotion targets for Node '))
  const expected = world.rebuilds.flatMap((targets) => [...targets].sort(([a], [b]) => a - b).map(lines))
  const found: Difference[] = []
  for (let index = 0; index < Math.max(observed.length, expected.length); index += 1) {
    const allowed = expected[index]
    const line = observed[index]
    if (allowed && line !== undefined && allowed.includes(line)) continue
    const [path = 'Demotion targets'] = (line ?? allowed?.[0] ?? '').split(':')
    found.push({
      path: `kernel log, ${path}`,
      expected: allowed?.join(' or ') ?? '(no further line)',
      observed: line ?? '(no such line)',
      rule: RULE,
    })
  }
  return found
}

/** Every line that the kernel may print for one node. */
function lines([node, { preferred, fallback }]: [number, DemotionTargets]): string[] {
  const head = `Demotion targets for Node ${node}: `
  if (preferred.length === 0) return [`${head}null`]
  return preferred.map((set) => `${head}preferred: ${formatNodeSet(set)}, fallback: ${formatNodeSet(fallback)}`)
}
