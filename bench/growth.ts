import { dram, MiB, machine, pmem, type Scenario, scenario, shows } from '../harness/index.ts'
import type { Figure } from './main.ts'
import { ready, round } from './prepared.ts'
import { timed } from './suite.ts'

/** How a suite grows: with the number of scenarios, of nodes, and of guests at one time; always warm. */
export async function benchGrowth(kernel: string): Promise<Figure[]> {
  await ready(kernel)
  const figures: Figure[] = []
  const add = async (name: string, scenarios: readonly Scenario[], jobs: number | 'auto', note: string) => {
    await timed(scenarios.slice(0, 1), kernel, { jobs: 1 })
    const { seconds, ran } = await timed(scenarios, kernel, { jobs })
    figures.push({ name, value: round(seconds / ran.length, 2), unit: 's', goal: '', note })
  }
  for (const count of [1, 4, 16, 64])
    await add(`growth_${count}_scenarios_s`, many(count, 2), 'auto', 'seconds a scenario')
  for (const nodes of [2, 4, 8]) await add(`growth_${nodes}_nodes_s`, many(8, nodes), 1, 'seconds a scenario, --jobs 1')
  for (const jobs of [1, 2, 4]) await add(`growth_${jobs}_jobs_s`, many(16, 2), jobs, 'seconds a scenario')
  return figures
}

/** The same small scenario under many names: one boot, one observation. */
function many(count: number, nodes: number): Scenario[] {
  const box = machine({
    nodes: [
      dram(512 * MiB, { cpus: '0' }),
      ...Array.from({ length: nodes - 2 }, () => dram(256 * MiB)),
      pmem(256 * MiB),
    ],
  })
  return Array.from({ length: count }, (_, index) =>
    scenario(`growth ${index}`, {
      why: 'A measure.',
      kernels: '>=6.1',
      machine: box,
      steps: [shows({ hasMemory: nodes === 2 ? '0' : `0-${nodes - 2}` })],
    }),
  )
}
