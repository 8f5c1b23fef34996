import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { RunResult } from '../../harness/run/events.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'
import { judge } from '../../harness/run/verdict.ts'
import { runFiles } from './real-guest.ts'

/** Guests of ours that still run. */
function guestsLeft(): string {
  return execFileSync('sh', ['-c', `ps -eo ppid=,comm= | awk '$1 == ${process.pid} && /qemu/'`], { encoding: 'utf8' })
}

async function rejudged({ record }: RunResult) {
  return judge(await new RunFolder(record ?? '').read())
}

t.test('fixtures that must not pass get the verdict that they deserve, on a real guest', async (t) => {
  const { results } = await runFiles(t, ['fixtures'])
  const by = (name: string) => results.filter(({ cell }) => cell.scenario.name === name)
  for (const result of by('must fail')) {
    t.match(result.verdict, {
      verdict: 'fail',
      step: 1,
      differences: [{ path: '/sys/kernel/mm/numa/demotion_enabled', expected: 'false', observed: 'true' }],
    })
  }
  for (const { verdict } of by('must splat')) {
    t.match(verdict, { verdict: 'splat', step: 1, differences: [], reason: /^out of memory after “sh: / })
    t.match(verdict.excerpt.join('\n'), /invoked oom-killer[\s\S]*Call Trace/)
  }
  for (const { verdict, record } of by('must crash')) {
    t.match(verdict, { verdict: 'crash', step: 1, reason: /panic during “sh: echo c .*sysrq triggered crash/ })
    t.match(await readFile(`${record}/console.log`, 'utf8'), /Kernel panic - not syncing: sysrq triggered crash/)
  }
  for (const { verdict } of by('must hang')) t.match(verdict, { verdict: 'hang', step: 1, reason: /killed/ })
  for (const { verdict } of by('must go silent')) t.match(verdict, { verdict: 'hang', reason: /No sign of/ })
  t.equal(new Set(results.map(({ cell }) => cell.scenario.name)).size, 5, 'every fixture ran')
  for (const result of results)
    t.same(await rejudged(result), result.verdict, `${result.cell.scenario.name}, judged again`)
  t.equal(guestsLeft(), '')
})
