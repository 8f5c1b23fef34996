import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import t from 'tap'
import type { RunResult } from '../../harness/run/events.ts'
import { runFiles } from './real-guest.ts'

const BIN = resolve(import.meta.dirname, '../../bin/tierlab.mjs')

/** A device is taken away behind the model’s back: what differs is at paths with a region’s number. */
const HIDDEN = `import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shell, shows } from 'tierlab'
const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB), pmem(1 * GiB)] })
const [, , far] = box.nodes
export default scenario('must lose a device', {
  why: 'What is done behind the model is a difference.', kernels: '>=6.1', machine: box,
  steps: [
    ndctl.createNamespace(far, { mode: 'devdax' }),
    shows({ tiers: { memory_tier4: '0' } }),
    daxctl.reconfigureDevice(far, { mode: 'system-ram' }),
    shell('for d in /sys/bus/dax/devices/*; do daxctl reconfigure-device --mode=devdax --force \${d##*/}; done'),
  ],
})
`

/** Runs something without Node.js, tierlab or this environment: only what lies in a folder of links is on its path. */
function bare(folder: string, command: string): Promise<{ status: number; output: string }> {
  const path = join(folder, 'bin')
  if (!existsSync(path)) {
    mkdirSync(path)
    const needed = [
      'sh',
      'qemu-system-x86_64',
      'tar',
      'mktemp',
      'head',
      'wc',
      'cat',
      'tr',
      'tee',
      'timeout',
      'rm',
      'grep',
    ]
    for (const name of [...needed, 'dirname']) {
      const found = ['/usr/bin', '/bin'].map((place) => join(place, name)).find(existsSync)
      symlinkSync(found ?? '', join(path, name))
    }
  }
  return new Promise((done) => {
    const options = { cwd: folder, maxBuffer: 1e8 }
    const child = execFile(
      'env',
      ['-i', `PATH=${path}`, 'LIMIT=120', 'sh', '-c', command],
      options,
      (_e, stdout, stderr) => done({ status: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

t.test('a bundle repeats what was recorded, with QEMU and a shell alone', async (t) => {
  const folder = t.testdir()
  await writeFile(join(folder, 'hidden.ts'), HIDDEN)
  const { results } = await runFiles(t, [
    ...['fixtures/must-fail.ts', 'fixtures/must-splat.ts', 'fixtures/must-crash.ts'],
    relative(join(import.meta.dirname, '..'), join(folder, 'hidden.ts')),
  ])
  t.same(
    results.map(({ verdict }) => verdict.verdict).sort(),
    ['crash', 'fail', 'fail', 'splat'],
    results.map(({ verdict }) => verdict.reason).join('\n'),
  )
  for (const result of results) {
    const name = result.cell.scenario.name.replaceAll(' ', '-')
    await new Promise<void>((done, fail) =>
      execFile(process.execPath, [BIN, 'repro', result.record ?? '', '-o', join(folder, `${name}.tar`)], (error) =>
        error ? fail(error) : done(),
      ),
    )
    const { status, output } = await bare(folder, `tar -xf ${name}.tar && sh tierlab-repro-${name}/run.sh </dev/null`)
    t.equal(status, 1, `${name} is reproduced: ${output.slice(-3000)}`)
    for (const words of said(result)) t.ok(output.includes(words), words)
  }
  // A repaired kernel shows no bug: so does a script that no longer does what made it.
  const steps = join(folder, 'tierlab-repro-must-fail/steps.sh')
  await writeFile(steps, (await readFile(steps, 'utf8')).replaceAll('echo true >', 'echo false >'))
  const { status, output } = await bare(folder, 'sh tierlab-repro-must-fail/run.sh </dev/null')
  t.equal(status, 0, output.slice(-1000))
  t.match(output, 'repro: /sys/kernel/mm/numa/demotion_enabled: false (recorded: true)')
  t.match(output, 'repro: NOT REPRODUCED')
})

/** What the bundle must print at the failing step, of what the record has. */
function said({ verdict }: RunResult): string[] {
  if (verdict.excerpt.length > 0) return ['run.sh: REPRODUCED']
  return verdict.differences.map(({ path, observed }) => `repro: ${path}: ${observed} (recorded: ${observed})`)
}
