import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

// The compiler takes its time on a machine that is busy with other tests.
t.setTimeout(180_000)
const ROOT = resolve(import.meta.dirname, '../..')

function node(cwd: string, program: string, ...words: string[]) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    const child = execFile(process.execPath, [join(ROOT, program), ...words], { cwd }, (_error, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

const tierlab = (cwd: string, ...words: string[]) => node(cwd, 'bin/tierlab.mjs', ...words)
const tsc = (cwd: string) => node(cwd, 'node_modules/typescript/bin/tsc', '-p', '.')

t.test('a first scenario is told, and type-checks, though nothing is installed in its folder', async (t) => {
  const home = t.testdir()
  const made = await tierlab(home, 'init', 'my tests/first')
  t.match(made, { status: 0, stderr: '' })
  t.match(made.stdout, "npx tierlab run 'my tests/first/my.scenario.ts'")
  const folder = join(home, 'my tests/first')

  const explained = await tierlab(folder, 'explain', 'my.scenario.ts')
  t.match(explained, { status: 0, stderr: '' }, 'the model agrees with all pins')
  t.match(explained.stdout, '✓ pinned: tiers, demotion')

  const text = readFileSync(join(folder, 'my.scenario.ts'), 'utf8')
  const wrong = text.replace('daxctl.offlineMemory(slow)', 'daxctl.offlineMemory(box.nodes[0])')
  t.not(wrong, text)
  writeFileSync(join(folder, 'wrong.ts'), wrong)
  const { stdout } = await tsc(folder)
  t.match(stdout, /^wrong\.ts\(\d+,\d+\): error TS/, 'DRAM is no dax device')
  t.equal(stdout.match(/error TS/g)?.length, 1, 'and nothing else is wrong')
})

t.test('nothing is overwritten', async (t) => {
  const folder = t.testdir({ 'tsconfig.json': '{}', file: '', other: { 'my.scenario.ts': 'mine' } })
  const made = await tierlab(folder, 'init')
  t.match(made, { status: 0, stdout: /^Written: my\.scenario\.ts\n/ })
  t.equal(readFileSync(join(folder, 'tsconfig.json'), 'utf8'), '{}')

  const again = await tierlab(folder, 'init', 'other')
  t.match(again, { status: 2, stderr: /other\/my\.scenario\.ts is there already/ })
  t.equal(readFileSync(join(folder, 'other/my.scenario.ts'), 'utf8'), 'mine')
  t.notOk(existsSync(join(folder, 'other/tsconfig.json')), 'not even half of it')

  t.match(await tierlab(folder, 'init', 'file'), { status: 2, stderr: /file is not a folder/ })
})
