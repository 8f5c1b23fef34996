import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/tierlab.mjs')
const RECORDED = join(ROOT, 'test/recorded')

function tierlab(args: readonly string[], cwd: string) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    const child = execFile(process.execPath, [BIN, ...args], { cwd }, (_e, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

t.test('the page of recorded runs, made in another folder than tierlab’s', async (t) => {
  const folder = t.testdir()
  const made = await tierlab(['report', RECORDED, join(RECORDED, 'must-fail'), '-o', 'out/page'], folder)
  t.match(made, { status: 0, stdout: /^out\/page\/index\.html: 7 runs, \d+ KiB\n$/, stderr: '' }, 'each run once')
  const page = await readFile(join(folder, 'out/page/index.html'), 'utf8')
  t.match(page, '5 scenarios × 3 kernels')
  t.notMatch(page, 'Compared with')
  const compared = await tierlab(['report', RECORDED, '--compare', join(RECORDED, 'must-fail')], folder)
  t.match(compared, { status: 0, stdout: /^report\/index\.html: / })
  const other = await readFile(join(folder, 'report/index.html'), 'utf8')
  t.match(other, `Compared with ${RECORDED}/must-fail, begun 2026-11-24`)
  t.match(other, 'Still failing <span class="count">1</span>')
  t.match(other, 'New failures <span class="count">3</span>')
})

t.test('a run that was cut off, and one that is damaged', async (t) => {
  const folder = t.testdir()
  const runs = join(folder, 'runs')
  for (const name of ['whole', 'partial', 'damaged'])
    await cp(join(RECORDED, 'pass-6.1'), join(runs, name), { recursive: true })
  const steps = join(runs, 'partial/steps.jsonl')
  await truncate(steps, (await readFile(steps)).length - 100)
  await writeFile(join(runs, 'partial/end.json'), '')
  const partial = await tierlab(['report', join(runs, 'partial'), '-o', 'a'], folder)
  t.match(partial, { status: 0, stdout: /1 run,/, stderr: '' })
  t.match(await readFile(join(folder, 'a/index.html'), 'utf8'), 'aria-label="broken: dax memory')
  await writeFile(join(runs, 'damaged/run.json'), '{"tierlab":')
  const damaged = await tierlab(['report', runs, '-o', 'b'], folder)
  t.match(damaged, {
    status: 69,
    stdout: /2 runs,/,
    stderr: /^tierlab: .*damaged\/run\.json is damaged, or from another version of tierlab\.\n$/,
  })
  t.match(await readFile(join(folder, 'b/index.html'), 'utf8'), 'damaged/run.json is damaged')
  const head = JSON.parse(await readFile(join(runs, 'whole/run.json'), 'utf8'))
  for (const item of head.scenario.steps) if ('verb' in item) item.args = { device: 7 }
  await writeFile(join(runs, 'damaged/run.json'), JSON.stringify(head))
  const strange = await tierlab(['report', runs, '-o', 'd'], folder)
  t.match(strange, {
    status: 69,
    stderr: /^tierlab: .*\/damaged: A step “ndctl create-namespace” has wrong arguments: .*\n$/,
  })
  await writeFile(join(runs, 'damaged/run.json'), '')
  const none = await tierlab(['report', join(runs, 'damaged'), '-o', 'c'], folder)
  t.match(none, { status: 2, stderr: /^tierlab: None of the runs can be read: .*run\.json is damaged.*\n$/ })
})

t.test('wrong words', async (t) => {
  const folder = t.testdir({ file: '' })
  await mkdir(join(folder, 'empty'))
  const cases: [args: string[], stderr: RegExp][] = [
    [['report'], /missing required argument 'runs'/],
    [['report', 'nowhere'], /There is no folder nowhere\./],
    [['report', 'empty'], /empty holds no recorded run; a run's folder has a file run\.json\./],
    [['report', 'file'], /file holds no recorded run/],
    [['report', RECORDED, '-o', 'file'], /file is no folder, and cannot become one/],
    [['report', RECORDED, '-o', 'file/below'], /file\/below is no folder, and cannot become one/],
    [['report', RECORDED, '--compare', 'empty'], /empty holds no recorded run/],
    [['run', '--compare', 'nowhere', join(ROOT, 'scenarios/boot')], /There is no folder nowhere\./],
  ]
  const outcomes = await Promise.all(cases.map(([args]) => tierlab(args, folder)))
  for (const [index, [args, stderr]] of cases.entries()) {
    const { status, stdout, stderr: said = '' } = outcomes[index] ?? { status: -1, stdout: '' }
    t.match({ status, stdout }, { status: 2, stdout: '' }, args.join(' '))
    t.match(said, stderr)
    t.match(said, /^tierlab: .*\.\n$/, 'one paragraph')
  }
})

t.test('help tells of every option and exit status', async (t) => {
  const { status, stdout } = await tierlab(['report', '--help'], ROOT)
  t.equal(status, 0)
  for (const word of ['<runs...>', '--out <folder>', '--compare <runs>', '--verbose', 'Exit status', '69'])
    t.match(stdout, word)
})
