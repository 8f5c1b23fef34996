import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Store } from '../harness/base/store.ts'
import { Judging } from '../harness/campaign/judging.ts'
import { replaceSection } from '../harness/cli/sections.ts'
import { Coverage } from '../harness/explore/coverage.ts'
import { explore, type Finding } from '../harness/explore/explore.ts'
import { faces } from '../harness/steps/step.ts'
import { resolveKernel } from '../kernels/index.ts'
import { mutants } from '../kernels/mutants.ts'

// npm run explore-mutants -- --kernel source:6.12 --runs 120 [NAME…]
// For each mutant that a boot does not show: how many runs an exploration takes that begins with nothing and knows no
// scenario, and what it makes of it. Which those are is read from docs/mutants.md. The rows are written one by one; those
// of mutants that are not explored this time stay as they are, and those that are not named are explored if they have none.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', default: 'source:6.12' },
    runs: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    page: { type: 'string', default: 'docs/explore.md' },
    minutes: { type: 'string', default: '600' },
  },
})
const { kernel: base, page } = values
const runs = Number(values.runs)
const until = performance.now() + Number(values.minutes) * 60_000

/** Names of mutants that a scenario noticed behind the boot, by the page that `tierlab mutate` writes. */
async function noticedLater(): Promise<string[]> {
  const section = await sectionOf('docs/mutants.md', base)
  return [...section.matchAll(/^\| `([^`]+)` \|.*\| step \d+: /gm)].flatMap(([, name]) => name ?? [])
}

const TITLE = `Planted bugs, ${base}`
const rows = await rowsOf(page)
const later = await noticedLater()
const names = positionals.length > 0 ? positionals : later.filter((name) => !rows.has(name))
const chosen = (await mutants()).filter(({ name, config }) => names.includes(name) && config === undefined)
const store = new Store()
const out = await mkdtemp(join(tmpdir(), 'tierlab-explore-mutants-'))
try {
  for (const mutant of chosen) {
    if (performance.now() > until) break
    const kernel = await resolveKernel(`${base}+mutant:${mutant.name}`, { store, log: () => {} })
    const judging = new Judging({
      accel: 'auto',
      jobs: 'auto',
      out,
      signal: new AbortController().signal,
      log: () => {},
    })
    const coverage = new Coverage()
    const findings: Finding[] = []
    const tally = await explore({
      ...{ kernels: [kernel], seed: Number(values.seed), steps: 8, judging, most_findings: 1 },
      ...{ goesOn: (made: number) => made < runs, coverage: () => coverage, budget: { runs: 80, boots: 24 } },
      tell: (event) => {
        if (event.type === 'found') findings.push(event.finding)
      },
    })
    const [finding] = findings
    rows.set(mutant.name, row(mutant.name, finding, tally.runs))
    process.stdout.write(`${rows.get(mutant.name)}\n`)
    await rm(out, { recursive: true, force: true })
    await write()
  }
} finally {
  await rm(out, { recursive: true, force: true })
}

function row(name: string, finding: Finding | undefined, made: number): string {
  if (finding === undefined) return `| \`${name}\` | – | ${made} | – | not found |`
  const { found_by, shrink_runs, steps, verdict } = finding
  const titles = steps.map((step) => `\`${faces(step).title().replaceAll('|', '/')}\``).join('; ')
  return `| \`${name}\` | ${found_by} | ${made + shrink_runs} | ${steps.length} | ${verdict.verdict}: ${titles || 'the boot'} |`
}

/** What is there already, by mutant. */
async function rowsOf(page: string): Promise<Map<string, string>> {
  const section = await sectionOf(page, TITLE)
  return new Map([...section.matchAll(/^\| `([^`]+)` \|.*$/gm)].map(([line, name = '']) => [name, line]))
}

async function sectionOf(page: string, title: string): Promise<string> {
  const text = await readFile(page, 'utf8')
  return text.split(/\n(?=## )/).find((part) => part.startsWith(`## ${title}\n`)) ?? ''
}

async function write(): Promise<void> {
  const all = [...rows].toSorted(([a], [b]) => a.localeCompare(b)).map(([, line]) => line)
  const found = all.filter((line) => !line.endsWith('| not found |')).length
  const left = later.filter((name) => !rows.has(name)).length
  const body = [
    `Of ${all.length} mutants that only a sequence of steps shows, ${found} were found by an exploration of at most ${runs} runs of`,
    `8 steps, without what scenarios know${left === 0 ? '' : `; ${left} more were not explored yet`}.`,
    `\`npm run explore-mutants -- --kernel ${base} --runs ${runs} --seed ${values.seed}\` writes this.`,
    '',
    '| mutant | found by run | runs in all | steps left | what it shrank to |',
    '| --- | ---: | ---: | ---: | --- |',
    ...all,
  ]
  await replaceSection(page, TITLE, body.join('\n'))
}
