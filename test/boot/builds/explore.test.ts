import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { skip } from './tools.ts'

// Real guests: an exploration of a kernel that is as the model says finds nothing.

const TIERLAB = join(import.meta.dirname, '../../../bin/tierlab.mjs')

function explore(...words: string[]) {
  return execa(process.execPath, [TIERLAB, 'explore', '--afresh', ...words], {
    reject: false,
    all: true,
    timeout: 900_000,
  })
}

t.test('nothing is found where nothing is wrong', async (t) => {
  const out = t.testdir({})
  const { exitCode, all = '' } = await explore('--kernel', 'debian:6.1', '--seed', '12', '--runs', '12', '--out', out)
  t.equal(exitCode, 0, all)
  t.match(all, /^12 runs, \d+ judged steps .*: 0 found in 0 that failed .*, 0 of which nothing could be told\.$/m)
  t.same(
    (await readdir(out, { recursive: true })).filter((name) => name.endsWith('run.json')),
    [],
    'records of what passed are not kept',
  )
})

t.test('a planted bug is found, made small, and fails again as a scenario and by its token', { skip }, async (t) => {
  const out = t.testdir({})
  const kernel = 'source:6.1+mutant:wrong-default-distance'
  const { exitCode, all = '' } = await explore(
    ...['--kernel', kernel, '--seed', '1', '--runs', '48', '--findings', '1', '--out', out],
  )
  t.equal(exitCode, 1, all)
  const folder = join(out, 'findings/1')
  t.same((await readdir(folder)).sort(), ['reproducer.tar', 'scenario.ts'])
  const text = await readFile(join(folder, 'scenario.ts'), 'utf8')
  t.match(text, /memory_tier/)
  const token = all.match(/--replay (\S+)/)?.[1] ?? ''
  const again = await explore('--kernel', kernel, '--replay', token, '--out', join(out, 'again'))
  t.equal(again.exitCode, 1, again.all)
  const alone = await execa(process.execPath, [TIERLAB, 'run', join(folder, 'scenario.ts'), '--kernel', kernel], {
    ...{ reject: false, all: true, cwd: out },
  })
  t.equal(alone.exitCode, 1, alone.all)
  t.match(alone.all, /memory_tier/)
})

t.test('wrong words', async (t) => {
  for (const [words, says] of [
    [['--runs', '0'], /from 1 on/],
    [['--replay', 'x'], /no token/],
    [['--replay', '99/6.1/a/1'], /generator 99/],
    [['--machine', 'nowhere.ts'], /no file nowhere\.ts/],
    [['--kernel', 'debian:5.10'], /./],
  ] as const) {
    const { exitCode, all } = await explore(...words)
    t.equal(exitCode, 2, words.join(' '))
    t.match(all, says)
  }
})
