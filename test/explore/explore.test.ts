import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import { inRange } from '../../harness/base/release.ts'
import { hashOf } from '../../harness/base/store.ts'
import type { Judge } from '../../harness/campaign/judging.ts'
import { asPinnedScenario, asScenario, rangeOf } from '../../harness/explore/as-scenario.ts'
import { compose, recompose, retake, type Taken } from '../../harness/explore/compose.ts'
import { Coverage } from '../../harness/explore/coverage.ts'
import { type ExploreEvent, explore, type Finding } from '../../harness/explore/explore.ts'
import { coverageLines, findingComment, tallyLine } from '../../harness/explore/explore-words.ts'
import { machineCuts, nodesIn, type Setup } from '../../harness/explore/machine-cuts.ts'
import { machineOf } from '../../harness/explore/machines.ts'
import { moves } from '../../harness/explore/moves.ts'
import { shrink } from '../../harness/explore/shrink.ts'
import { signatureOf } from '../../harness/explore/signature.ts'
import { scenarioSource } from '../../harness/explore/source.ts'
import { formatToken, GENERATOR, parseToken } from '../../harness/explore/token.ts'
import { type Era, eraNamed } from '../../harness/model/eras.ts'
import type { RunResult } from '../../harness/run/events.ts'
import type { LoadedScenario } from '../../harness/run/plan.ts'
import { tell } from '../../harness/run/story.ts'
import { pinVerdict, type Verdict } from '../../harness/run/verdict.ts'
import { faces } from '../../harness/steps/step.ts'
import { bootWorld } from '../../harness/topology/world.ts'
import type { Kernel } from '../../kernels/index.ts'

const ERA = eraNamed('6.12')
const INDEX = resolve(import.meta.dirname, '../../harness/index.ts')

function composed(seed: number, era: Era = ERA, steps = 8, coverage = new Coverage()) {
  const machine = machineOf(seed)
  return { machine, ...compose(machine, era, { seed, steps, coverage }) }
}

t.test('machines are valid, and of every kind that there is', async (t) => {
  const machines = Array.from({ length: 150 }, (_, seed) => machineOf(seed))
  for (const spec of machines) bootWorld(spec, ERA)
  const kinds = new Set(machines.flatMap(({ nodes }) => nodes.map(({ kind }) => kind)))
  t.same([...kinds].sort(), ['dram', 'memoryless', 'mixed', 'pmem', 'soft-reserved'])
  const some = (holds: (spec: (typeof machines)[number]) => boolean) => machines.filter(holds).length
  t.ok(some(({ nodes }) => nodes.length > 3) > 10, 'more than three nodes')
  t.ok(some(({ hmat }) => hmat !== null) > 10, 'with HMAT')
  t.ok(some(({ distances }) => distances.some((row, a) => row.some((value, b) => value !== distances[b]?.[a]))) > 10)
  t.ok(some(({ nodes }) => nodes.some(({ dimm_bytes }) => dimm_bytes !== undefined)) > 50, 'with DIMMs')
})

t.test('what is composed is what the model says, refusals and all', async (t) => {
  const all: Taken[] = []
  for (let seed = 0; seed < 12; seed += 1)
    for (const era of [eraNamed('6.1'), eraNamed('7.3')]) {
      const { machine, taken, choices } = composed(seed, era)
      all.push(...taken)
      const scenario = asScenario('some', { machine }, taken, '>=6.1')
      t.equal(pinVerdict(tell(scenario, era)), null)
      t.same(
        recompose(machine, era, choices)?.map(({ step }) => step),
        taken.map(({ step }) => step),
        'from its choices',
      )
      t.same(
        retake(
          machine,
          era,
          taken.map(({ step }) => step),
        )?.length,
        taken.length,
        'from its steps',
      )
      const over = taken.findIndex(({ outcome }) => outcome.world.conditions.length > 0)
      t.ok(over < 0 || over === taken.length - 1, 'nothing comes behind a known issue')
    }
  const verbs = new Set(all.map(({ step }) => step.verb))
  const refused = all.filter(({ step }) => step.refuses !== undefined).length
  t.ok(verbs.size >= 12, `${verbs.size} kinds of step`)
  t.ok(refused > all.length / 50 && refused < all.length / 2, `${refused} of ${all.length} refused`)
})

t.test('some end with two steps at once, and nothing comes behind them', async (t) => {
  const runs = Array.from({ length: 80 }, (_, seed) => composed(seed))
  const isRace = ({ step }: Taken) => step.verb === 'race'
  const races = runs.filter(({ taken }) => taken.some(isRace))
  t.ok(races.length > 5 && races.length < 40, `${races.length} of ${runs.length}`)
  const matters = races.filter(({ taken }) => taken.at(-1)?.outcome.orders?.some(({ status }) => status !== 0))
  t.ok(matters.length > 0, `in ${matters.length} one of the two is refused`)
  for (const { machine, taken, choices } of races) {
    t.equal(taken.findIndex(isRace), taken.length - 1)
    t.equal(taken.at(-1)?.step.refuses, undefined, 'which of them is refused is not said')
    t.same(
      recompose(machine, ERA, choices)?.map(({ step }) => step),
      taken.map(({ step }) => step),
    )
    const pinned = asPinnedScenario('some', 'why', { machine, steps: [] }, taken, { era: ERA, kernels: '>=6.1' })
    t.equal(pinVerdict(tell(pinned, ERA)), null)
    t.match(scenarioSource(pinned, []), /\batOnce\((?:dax|memory|cpu)\./)
  }
})

t.test('the same seed composes the same, and coverage leads elsewhere', async (t) => {
  const coverage = new Coverage()
  const first = composed(3, ERA, 8, coverage)
  t.same(first.choices, composed(3).choices)
  t.notSame(first.choices, composed(3, ERA, 8, coverage).choices, 'where it has been before')
  const again = new Coverage(coverage.data())
  t.same(again.counts(), coverage.counts(), 'coverage is plain data')
})

t.test('memory of the kernel’s own is never offlined: no rule says whether that works', async (t) => {
  for (let seed = 0; seed < 15; seed += 1)
    for (const { before, outcome, step } of composed(seed, eraNamed('6.1')).taken)
      for (const [number, { online, zone, owner }] of before.blocks) {
        if (owner === 'boot' || !online || zone === 'Movable' || step.verb === 'guest reboot') continue
        if (outcome.world.blocks.get(number)?.online !== true) t.fail(`block ${number} in ${JSON.stringify(step)}`)
      }
  t.pass('15 compositions')
})

t.test('a generator is known by its machines, and by the moves along a walk', async (t) => {
  const made = Array.from({ length: 6 }, (_, seed) => {
    const machine = machineOf(seed)
    const choices: number[] = []
    const offered: string[] = []
    for (let moment = 0; moment < 6; moment += 1) {
      const world = recompose(machine, ERA, choices)?.at(-1)?.outcome.world ?? bootWorld(machine, ERA)
      const all = moves(world).map(({ step }) => JSON.stringify(step))
      offered.push(...all)
      // Whatever can be taken: which is chosen is no matter of tokens, for they hold it.
      const possible = [...all.keys()].filter((index) => recompose(machine, ERA, [...choices, index]) !== null)
      choices.push(possible[(seed + 7 * moment) % 5] ?? 0)
    }
    return [JSON.stringify(machine), choices.join(), offered.join()]
  })
  // When this fails the generator has become another: raise GENERATOR, and write the new pair here.
  t.same([GENERATOR, hashOf(made).slice(0, 16)], PINNED)
})
const PINNED = [2, 'df6860c2fbeabccc']

t.test('tokens', async (t) => {
  const token = { era: '6.12', machine: 123456789, choices: [0, 35, 36, 1000] }
  t.equal(formatToken(token), `${GENERATOR}/6.12/21i3v9/0.z.10.rs`)
  t.same(parseToken(formatToken(token)), token)
  for (const text of ['', 'x', '1/6.12/zz', '1/6.12//1', '1/6.12/a/1..2'])
    t.throws(() => parseToken(text), UsageError, text)
  t.throws(() => parseToken('1/5.4/a/1'), UsageError, 'no such era')
  t.throws(() => parseToken(`${GENERATOR + 1}/6.12/a/1`), { message: /generator/ })
})

t.test('a scenario that is written can be imported, and is the same', async (t) => {
  const folder = t.testdir({})
  const { writeFile } = await import('node:fs/promises')
  let verbs = new Set<string>()
  for (let seed = 0; seed < 20; seed += 1) {
    const { machine, taken } = composed(seed)
    const scenario = asPinnedScenario(`it’s number ${seed}`, "why 'so'", { machine, steps: [] }, taken, {
      era: ERA,
      kernels: '>=6.12',
    })
    const file = join(folder, `s${seed}.ts`)
    await writeFile(file, scenarioSource(scenario, ['a comment', '', 'another'], INDEX))
    const module: { default: unknown } = await import(pathToFileURL(file).href)
    t.same(module.default, scenario)
    verbs = new Set([...verbs, ...taken.map(({ step }) => step.verb)])
  }
  t.ok(verbs.size >= 12, `${verbs.size} kinds of step`)
})

t.test('each kind of step that is composed can be written', async (t) => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 150; seed += 1) {
    const machine = machineOf(seed)
    for (const { step } of moves(bootWorld(machine, ERA))) {
      if (seen.has(step.verb)) continue
      seen.add(step.verb)
      t.match(
        scenarioSource(asScenario('x', { machine }, [{ step } as Taken], '>=6.1'), [], INDEX),
        /steps: \[\n {4}\w/,
        faces(step).title(),
      )
    }
  }
})

t.test('shrinking keeps what fails, and nothing else', async (t) => {
  // Fails where a DIMM is plugged in while kmem is unloaded, whatever else is done.
  const fails = ({ steps }: Setup): number | null => {
    const unload = steps.findIndex(
      ({ verb, args }) => verb === 'modprobe' && JSON.stringify(args).includes('"remove":true'),
    )
    const plug = steps.findIndex(({ verb }, index) => verb === 'qemu device_add' && index > unload)
    return unload < 0 || plug < 0 ? null : plug + 1
  }
  let tried = 0
  for (let seed = 0; seed < 600 && tried < 2; seed += 1) {
    const { machine, taken } = composed(seed)
    const setup = { machine, steps: taken.map(({ step }) => step) }
    const at = fails(setup)
    if (at === null) continue
    tried += 1
    let runs = 0
    const small = await shrink(
      { machine, steps: setup.steps.slice(0, at) },
      {
        era: ERA,
        budget: { runs: 200, boots: 60 },
        fails: async (setups) => {
          runs += setups.length
          return setups.map(fails)
        },
      },
    )
    t.equal(small.runs, runs, 'each run is counted')
    t.ok(fails(small) !== null && small.steps.length <= 3, `${setup.steps.length} steps became ${small.steps.length}`)
    t.equal(small.machine.hmat, null)
    t.equal(small.machine.slub_debug, undefined)
    t.ok(small.machine.nodes.length <= 2, 'no node that nobody needs')
    t.ok(retake(small.machine, ERA, small.steps) !== null, 'the model can take it')
  }
  t.equal(tried, 2)
  const nothing = await shrink(
    { machine: machineOf(1), steps: [] },
    { era: ERA, budget: { runs: 3, boots: 1 }, fails: async (all) => all.map(() => null) },
  )
  t.ok(nothing.runs <= 3 && nothing.boots <= 1, 'the budget is kept')
})

t.test('cuts of a machine speak of the nodes that steps speak of', async (t) => {
  for (let seed = 0; seed < 20; seed += 1) {
    const { machine, taken } = composed(seed)
    const steps = taken.map(({ step }) => step)
    for (const cut of machineCuts({ machine, steps })) {
      bootWorld(cut.machine, ERA)
      const most = Math.max(-1, ...cut.steps.flatMap(({ args }) => nodesIn(args)))
      if (most >= cut.machine.nodes.length) t.fail(`node ${most} of ${cut.machine.nodes.length}`)
    }
  }
  t.same(
    nodesIn({ device: '3.1', id: 'dimm2.0', nodes: [0, 4], node: 1, cpu: 7, file: 'bind' }).sort(),
    [0, 1, 2, 3, 4],
  )
})

const FAIL: Verdict = {
  verdict: 'fail',
  reason: 'After “x” the kernel differs from the model.',
  step: 1,
  differences: [
    {
      path: '/sys/devices/virtual/memory_tiering/memory_tier22/nodelist',
      expected: '1',
      observed: '2',
      rule: 'a rule',
    },
  ],
  excerpt: [],
}

t.test('signatures: where it was seen, without numbers', async (t) => {
  const other = { ...FAIL, differences: FAIL.differences.map((one) => ({ ...one, path: one.path.replace('22', '4') })) }
  t.equal(signatureOf(FAIL), signatureOf(other))
  t.not(
    signatureOf(FAIL),
    signatureOf({ ...FAIL, differences: [{ path: 'x', expected: '', observed: '', rule: 'a rule' }] }),
  )
  const oops = (place: string): Verdict => ({
    ...{ verdict: 'splat', reason: 'oops', step: 1, differences: [] },
    excerpt: ['BUG: kernel NULL pointer dereference, address: 0000000000000028', `RIP: 0010:${place}+0x1c4/0x200`],
  })
  t.equal(signatureOf(oops('memtier_hotplug_callback')), 'splat: BUG in memtier_hotplug_callback')
  t.not(signatureOf(oops('memtier_hotplug_callback')), signatureOf(oops('nodelist_show')))
})

const KERNEL = { name: 'debian:6.12.1-1', release: '6.12.1', version: [6, 12, 1] } as unknown as Kernel

/** A kernel that goes wrong whenever a DIMM is plugged in. */
function judge(signal = new AbortController().signal): Judge & { runs: number } {
  return {
    runs: 0,
    conditions: { signal, log: () => {} },
    async run(kernel: Kernel, scenarios: readonly LoadedScenario[]) {
      this.runs += scenarios.length
      return scenarios.map(({ scenario, file }): RunResult => {
        const at = scenario.steps.findIndex((item) => 'verb' in item && item.verb === 'qemu device_add')
        const verdict: Verdict =
          at < 0 ? { verdict: 'pass', reason: '', step: null, differences: [], excerpt: [] } : { ...FAIL, step: at + 1 }
        return {
          cell: { scenario, file, kernel, era: ERA },
          ...{ accel: { name: 'tcg', reason: '' }, start: 'restore', fallback: '', record: null, command_line: '' },
          ...{ verdict, timings_ms: { start: 0, steps: 0, observe: 0, total: 0 } },
        }
      })
    },
  }
}

async function explored(options: Partial<Parameters<typeof explore>[0]> = {}) {
  const events: ExploreEvent[] = []
  const coverage = new Coverage()
  const judging = judge()
  const tally = await explore({
    ...{ kernels: [KERNEL], seed: 5, steps: 8, goesOn: (runs) => runs < 24, coverage: () => coverage },
    ...{ budget: { runs: 100, boots: 30 }, judging, tell: (event) => events.push(event), ...options },
  })
  const findings = events.flatMap((event): Finding[] => (event.type === 'found' ? [event.finding] : []))
  return { tally, events, findings, coverage, judging }
}

t.test('an exploration finds what is there, once, and makes it small', async (t) => {
  const { tally, findings, events } = await explored()
  t.equal(tally.runs, 24)
  t.equal(findings.length, 1, 'one failure has one signature')
  t.ok(
    events.some(({ type }) => type === 'again'),
    'the others are counted',
  )
  const [found] = findings
  t.equal(found?.steps.length, 1)
  t.equal(found?.steps[0]?.verb, 'qemu device_add')
  t.ok(found?.repeats)
  if (found === undefined) return
  const token = parseToken(found.token)
  const whole = recompose(machineOf(token.machine), eraNamed(token.era), token.choices)
  t.ok(
    whole?.some(({ step }) => step.verb === 'qemu device_add'),
    'the token is that of the whole run',
  )
  t.match(findingComment(found).join('\n'), /memory_tier22\/nodelist: expected 1, observed 2/)
  const { findings: none } = await explored({ most_findings: 1, goesOn: () => true })
  t.equal(none.length, 1, 'ends at the first when asked to')
})

t.test('an exploration that is interrupted ends', async (t) => {
  const controller = new AbortController()
  controller.abort()
  const { tally } = await explored({ judging: judge(controller.signal) })
  t.equal(tally.runs, 0)
})

t.test('words at the end', async (t) => {
  const { coverage, tally } = await explored()
  const lines = coverageLines([{ era: '6.12', coverage, before: { states: 0, transitions: 0, answers: 0 } }])
  t.match(lines[0], /^Era 6\.12: \d+ states \(\d+ new\), \d+ transitions/)
  t.match(lines[1], /never reached: .*three tiers or more/)
  t.match(tallyLine(tally, 1, 2, 60_000), /^24 runs, \d+ judged steps in 1\.0 min \(24\.0 runs/)
})

t.test('what is composed is for the kernel that it is composed for', async (t) => {
  const { eraOf } = await import('../../harness/model/eras.ts')
  for (const release of [
    [6, 1, 192],
    [6, 7, 5],
    [6, 12, 5],
    [6, 12, 118],
    [6, 18, 3],
    [7, 3, 4],
  ] as const)
    t.ok(inRange(release, rangeOf(eraOf(release), release)), `${release}: ${rangeOf(eraOf(release), release)}`)
  t.equal(rangeOf(eraNamed('v13'), [6, 1, 192]), '>=6.0', 'an era that was told')
})
