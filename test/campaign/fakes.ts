import type { Judge } from '../../harness/campaign/judging.ts'
import { dram, GiB, machine, scenario, shows } from '../../harness/index.ts'
import type { RunResult } from '../../harness/run/events.ts'
import type { LoadedScenario } from '../../harness/run/plan.ts'
import type { VerdictName } from '../../harness/run/verdict.ts'
import type { Kernel, Line, Link } from '../../kernels/index.ts'

/** A kernel that is nothing but its name and hash. */
export function kernel(name: string, hash = name): Kernel {
  return {
    ...{ spec: name, name, release: '6.1.0-lab', version: [6, 1, 0], image: '/none', config: undefined },
    ...{ modulesFolder: undefined, hash },
  }
}

export function loaded(name: string): LoadedScenario {
  const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' })] })
  return {
    file: `scenarios/kmem/${name}.ts`,
    scenario: scenario(name, {
      why: 'for a test',
      kernels: '>=6.1',
      machine: box,
      steps: [shows({ tiers: { memory_tier4: '0' } })],
    }),
  }
}

export function result({ scenario, file }: LoadedScenario, on: Kernel, verdict: VerdictName, reason = ''): RunResult {
  return {
    cell: { scenario, file, kernel: on, era: { name: '6.1' } },
    accel: { name: 'tcg', reason: '' },
    ...{ start: 'boot', fallback: '', record: '/none', command_line: '' },
    verdict: { verdict, reason, step: 1, differences: [], excerpt: [] },
    timings_ms: { start: 0, steps: 0, observe: 0, total: 0 },
  }
}

/** Judges by a function; keeps which kernels were asked for, each as often as it was run. */
export function judge(verdictOn: (kernel: Kernel, scenario: LoadedScenario) => VerdictName) {
  const runs: string[] = []
  const notes: string[] = []
  const fake: Judge = {
    conditions: { signal: new AbortController().signal, log: (note) => void notes.push(note) },
    async run(on, scenarios, { bail, repeat = 1 }) {
      const results: RunResult[] = []
      for (let round = 0; round < repeat; round += 1)
        for (const one of scenarios) {
          const verdict = verdictOn(on, one)
          runs.push(on.name)
          results.push(
            result(one, on, verdict, verdict === 'broken' ? 'The guest did not boot: so' : `${on.name} ${verdict}`),
          )
          if (bail && !['pass', 'known', 'skip'].includes(verdict)) return results
        }
      return results
    },
  }
  return { judge: fake, runs, notes }
}

/** Links 0 … n, of which `kernelOf` may throw; the middle is that of a straight line. */
export function lineOf(count: number, kernelOf: (at: number) => Kernel = (at) => kernel(`k${at}`)): Line {
  const links: Link[] = Array.from({ length: count }, (_, at) => ({
    ...{ id: `${at}`, title: `k${at}`, kernel: async () => kernelOf(at), stat: async () => `stat ${at}` },
  }))
  return {
    links,
    async middle({ good, bad, skipped }) {
      const from = Math.max(...good.map((link) => links.indexOf(link)))
      const to = links.indexOf(bad)
      const open = links.slice(from + 1, to).filter((link) => !skipped.includes(link))
      return open[Math.floor(open.length / 2)]
    },
  }
}
