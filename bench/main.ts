import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { qemuBuild } from '../harness/checkpoint/qemu-build.ts'
import { benchBoot } from './boot.ts'
import { benchBranch } from './branch.ts'
import { benchCampaign } from './campaign.ts'
import { benchEntry } from './entry.ts'
import { benchExplore } from './explore.ts'
import { benchGrowth } from './growth.ts'
import { benchObserve } from './observe.ts'
import { benchReport } from './report.ts'
import { benchRestore } from './restore.ts'
import { benchSuite } from './suite.ts'
import { benchVng } from './vng.ts'

/** One figure: its name in the JSON object, its value (null: skipped, the note says why), and its goal, if any. */
export interface Figure {
  readonly name: string
  readonly value: number | null
  readonly unit: string
  readonly goal: string
  readonly note: string
}

const BENCHES: Readonly<Record<string, (kernel: string) => Promise<Figure[]>>> = {
  boot: benchBoot,
  entry: benchEntry,
  restore: benchRestore,
  branch: benchBranch,
  observe: benchObserve,
  campaign: benchCampaign,
  explore: benchExplore,
  vng: benchVng,
  suite: benchSuite,
  growth: benchGrowth,
  report: benchReport,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    kernel: { type: 'string', default: 'debian:6.1' },
    /** Writes docs/performance.md. */
    write: { type: 'boolean', default: false },
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const wrong = names.find((name) => BENCHES[name] === undefined)
if (wrong !== undefined) {
  console.error(`There is no bench “${wrong}”; there are ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
const figures: Figure[] = []
for (const name of names)
  for (const figure of (await BENCHES[name]?.(values.kernel)) ?? []) {
    figures.push(figure)
    if (!values.json) console.log(line(figure))
  }
if (values.json)
  console.log(JSON.stringify(Object.fromEntries(figures.map(({ name, value }) => [name, value])), null, 1))
if (values.write) await writeFile(resolve(import.meta.dirname, '../docs/performance.md'), await page())

function line({ name, value, unit, goal, note }: Figure): string {
  return `${name.padEnd(24)} ${String(value ?? '–').padStart(8)} ${unit}${goal ? `  (goal ${goal})` : ''}  ${note}`
}

async function page(): Promise<string> {
  const rows = figures.map(
    ({ name, value, unit, goal, note }) => `| \`${name}\` | ${value ?? '–'} ${unit} | ${goal} | ${note} |`,
  )
  const [cpu] = cpus()
  return `# Performance

Made by \`npm run bench -- --write\`; each ratio is measured side by side in one run. On ${cpus().length} × ${cpu?.model.trim()},
${(await qemuBuild()).words}, Node.js ${process.versions.node}.

| figure | measured | goal | |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
