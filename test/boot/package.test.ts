import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { KERNELS } from './real-guest.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc')
const [KERNEL = 'debian'] = KERNELS

/** What a user’s own module imports, and what the compiler must not take from it. */
const CONSUMER = `import { daxctl, dram, GiB, type Item, machine, ndctl, type PmemTarget, pmem } from 'tierlab'
import { type Scenario, type Step, scenario, shows } from 'tierlab'

const box = machine({ nodes: [dram(GiB, { cpus: '0' }), pmem(GiB)] })
const [fast, slow] = box.nodes

function toMemory(node: PmemTarget): Step[] {
  return [ndctl.createNamespace(node, { mode: 'devdax' }), daxctl.reconfigureDevice(node, { mode: 'system-ram' })]
}

const steps: Item[] = [...toMemory(slow), shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } })]
const mine: Scenario = scenario('mine', { why: 'Because.', kernels: '>=6.1', machine: box, steps })
export default mine

export function wrong() {
  // @ts-expect-error DRAM is no dax device
  daxctl.offlineMemory(fast)
  // @ts-expect-error there is no such mode
  ndctl.createNamespace(slow, { mode: 'fast' })
  // @ts-expect-error a tier has a number
  shows({ tiers: { memory_tier: '0' } })
  // @ts-expect-error a machine has the nodes that it was given
  box.nodes[2]
}
`

/** What the model does not know of: a difference, of which there is a bundle. */
const HIDDEN = `import { dram, GiB, machine, scenario, shell, shows } from 'tierlab'
export default scenario('must differ', {
  why: 'What is done behind the model is a difference.', kernels: '>=6.1',
  machine: machine({ nodes: [dram(GiB, { cpus: '0' })] }),
  steps: [shows({ tiers: { memory_tier4: '0' } }), shell('echo 1 > /sys/kernel/mm/numa/demotion_enabled')],
})
`

function run(cwd: string, program: string, ...words: string[]) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    const child = execFile(program, words, { cwd, maxBuffer: 64 * 1024 ** 2 }, (_error, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

t.test('what npm packs works where it is installed', { timeout: 1_200_000 }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'tierlab-package-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const packed = await run(ROOT, 'npm', 'pack', '--json', '--pack-destination', home)
  t.equal(packed.status, 0, packed.stderr)
  t.notOk(existsSync(join(ROOT, 'types')), 'declarations are in the package alone')
  // As npm init makes it: without "type", its files are CommonJS to who asks.
  writeFileSync(join(home, 'package.json'), '{ "name": "consumer", "version": "1.0.0" }')
  const [file = ''] = /[^"/]+\.tgz/.exec(packed.stdout) ?? []
  const installed = await run(home, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${file}`)
  t.equal(installed.status, 0, installed.stderr)
  const tierlab = (...words: string[]) => run(home, 'npx', '--no-install', 'tierlab', ...words)

  await t.test('its types', async (t) => {
    writeFileSync(join(home, 'consumer.ts'), CONSUMER)
    writeFileSync(join(home, 'wrong.ts'), "import { scenario } from 'tierlab'\nscenario('x', { why: 1 })\n")
    const words = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'nodenext', 'consumer.ts', 'wrong.ts']
    const { stdout } = await run(home, process.execPath, COMPILER, ...words)
    t.match(stdout, /^wrong\.ts\(2,17\): error TS2322: .*\n$/)
    t.match(await tierlab('explain', 'consumer.ts'), { status: 0, stderr: '', stdout: '✓ pinned: tiers' })
  })

  await t.test('a scenario in a folder that knows nothing of it', async (t) => {
    const far = await mkdtemp(join(tmpdir(), 'tierlab-package-'))
    t.teardown(() => rm(far, { recursive: true, force: true }))
    const bin = join(home, 'node_modules/tierlab/bin/tierlab.mjs')
    t.match(await run(far, process.execPath, bin, 'init'), { status: 0, stderr: '' })
    t.match(await run(far, process.execPath, bin, 'explain', 'my.scenario.ts'), { status: 0, stderr: '' })
    t.match(readFileSync(join(far, 'tsconfig.json'), 'utf8'), join(home, 'node_modules/tierlab/types/index.d.ts'))
    t.match(await run(far, process.execPath, COMPILER), { status: 0, stdout: '' })
  })

  await t.test('its commands', async (t) => {
    t.match(await tierlab('init', 'mine'), { status: 0, stdout: 'npx tierlab run mine/my.scenario.ts' })
    t.notMatch(readFileSync(join(home, 'mine/tsconfig.json'), 'utf8'), '"paths"', 'npm’s folders are enough')
    writeFileSync(join(home, 'mine/hidden.ts'), HIDDEN)
    const ran = await tierlab('run', 'mine', '--kernel', KERNEL, '--out', 'records', '--html')
    t.match(ran, { status: 1, stdout: /^pass .*the nvdimm is a tier below dram/m }, ran.stderr)
    t.match(ran.stdout, /^fail .*must differ/m)
    t.match(readFileSync(join(home, 'records/index.html'), 'utf8'), '<!doctype html>')
    t.match(await tierlab('judge', 'records'), { status: 1, stdout: '1 pass' })
    t.match(await tierlab('report', 'records', '-o', 'page'), { status: 0 })
    const bundled = await tierlab('repro', 'records', '-o', 'bundle.tar')
    t.equal(bundled.status, 0, bundled.stderr)
    t.match((await run(home, 'tar', 'tf', 'bundle.tar')).stdout, /run\.sh\n/)
    t.match(await tierlab('list'), { status: 0, stdout: 'node_modules/tierlab/scenarios/' })
    t.match(await tierlab('mutate', '--list'), { status: 0, stdout: 'v13-constants' })
  })
})
