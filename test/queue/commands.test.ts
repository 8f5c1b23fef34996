import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { HostError } from '../../harness/base/errors.ts'
import { PREFIX } from '../../harness/queue/names.ts'
import { queueWith, recorded, TIERLAB, workerOf } from './some-queue.ts'

const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')

t.test('tierlab queue: what it says, and its exit status', async (t) => {
  const queue = await queueWith(t, ['a', 'must fail'])
  const tierlab = (...args: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
      const env = { ...process.env, TIERLAB_REDIS: queue.server.address, NO_COLOR: '1' }
      const child = execFile(process.execPath, [BIN, 'queue', ...args], { env }, (_e, stdout, stderr) =>
        done({ status: child.exitCode ?? -1, stdout, stderr }),
      )
    })
  const [nothing, nobody, soon, unnamed] = await Promise.all([
    tierlab('status'),
    tierlab('status', '--redis', join(queue.root, 'nobody')),
    tierlab('status', '--wait', 'soon'),
    tierlab('add', '--name', 'a/b'),
  ])
  t.match(nothing, { status: 2, stderr: /^tierlab: Name a run\. “tierlab queue add” makes one\.$/m })
  t.match(nobody, { status: 69, stderr: /^tierlab: No Redis answers/ })
  t.match(soon, { status: 2, stderr: /--wait takes a number of seconds, not “soon”/ })
  t.match(unnamed, { status: 2, stderr: /It is made of letters, digits/ })
  await queue.add('night')
  const [waits, early] = await Promise.all([
    tierlab('status', '--wait', '0.1'),
    tierlab('collect', '-o', join(queue.root, 'early')),
  ])
  t.match(waits, { status: 69, stdout: 'night: 2 waiting, 1 skipped\nworkers: none\n' })
  t.match(early, { status: 69, stderr: /a on image:.* was not run\. must fail on .* was not run\./ })
  const leaves = workerOf(queue, 'v', async ({ scenario }, folder) => {
    if (scenario.name === 'must fail') throw new HostError('no')
    return recorded(folder)
  })
  await t.rejects(leaves)
  t.match(await tierlab('status'), { status: 69, stdout: /^night: 1 waiting, 1 done, 1 skipped\nverdicts: 1 pass\n/ })
  await workerOf(queue, 'w', (_cell, folder) => recorded(folder, 'must-fail'))
  const whole = join(queue.root, 'whole')
  const [status, collected] = await Promise.all([
    tierlab('status', 'night', '--wait', '--json'),
    tierlab('collect', 'night', '-o', whole),
  ])
  t.equal(status.status, 1)
  t.match(JSON.parse(status.stdout), {
    ...{ run: 'night', tierlab: TIERLAB, workers: [], counts: { cells: 3, done: 2, verdicts: { pass: 1, fail: 1 } } },
    cells: [
      { scenario: 'a', state: 'done', result: { by: 'v' } },
      { result: { by: 'w' } },
      { scenario: 'for others', state: 'skipped' },
    ],
  })
  t.match(collected, { status: 1, stdout: /1 pass, 1 fail, 1 skip\n$/ })
  t.ok(existsSync(join(whole, 'plan.json')))
  t.match(await tierlab('remove', 'night'), { status: 0, stdout: 'night: 2 cells taken out of the queue.\n' })
  const keys = await queue.connection.redis.keys(`${PREFIX}:*`)
  t.same(
    keys.filter((key) => /:(run|result|again):/.test(key)),
    [],
    'nothing of it is left',
  )
})
