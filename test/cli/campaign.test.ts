import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import t from 'tap'

const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')
const SCENARIO = 'scenarios/kmem/dax-memory-lands-in-the-default-dax-tier.ts'

/** One command of tierlab, in a cache of its own. */
function tierlab(cache: string, ...words: string[]): Promise<{ status: number; stderr: string }> {
  const env = { PATH: process.env.PATH, XDG_CACHE_HOME: cache }
  return new Promise((done) => {
    execFile(process.execPath, [BIN, ...words], { env }, (error, _stdout, stderr) =>
      done({ status: typeof error?.code === 'number' ? error.code : 0, stderr }),
    )
  })
}

t.test('wrong words for a campaign', async (t) => {
  const cache = join(t.testdir({}), 'cache')
  const wrong: [words: string[], message: RegExp][] = [
    [
      ['bisect', '--good', 'debian:6.1', '--bad', 'source:6.1', '--scenario', SCENARIO],
      /There is no line from debian:6\.1/,
    ],
    [['bisect', '--good', 'source:6.1'], /required option '--bad/],
    [['bisect', '--good', 'a', '--bad', 'b', '--scenario', SCENARIO, '--confidence', '2'], /between 0\.5 and 1/],
    [
      ['series', '--base', 'debian:6.1', '--mbox', 'x.mbox'],
      /debian:6\.1 is not built here, so that it takes no patches/,
    ],
    [['series', '--base', 'source:6.1', '--mbox', 'mails'], /mails is not called .* \.mbx,/],
    [['series', '--base', 'source:6.1'], /with --mbox FILE, or --base tree:PATH with --range/],
    [['mutate', '--kernel', 'debian:6.1'], /nothing in it can be broken/],
    [['mutate', 'v13-constant'], /did you mean “v13-constants”/],
    [['run', SCENARIO, '--era', '5.10'], /5\.10/],
  ]
  for (const [words, message] of wrong)
    t.match(await tierlab(cache, ...words), { status: 2, stderr: message }, words.join(' '))
})

t.test('statuses for git bisect', async (t) => {
  const cache = join(t.testdir({}), 'cache')
  const { status } = await tierlab(cache, 'run', SCENARIO, '--kernel', 'tree:/nowhere/linux', '--bisect')
  t.ok(status >= 128, 'a mistake ends the bisection')
})
