import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { formatNodeSet } from '../../harness/base/node-set.ts'
import { Store } from '../../harness/base/store.ts'
import { eraOf } from '../../harness/model/eras.ts'
import { tiersOf } from '../../harness/model/tiers.ts'
import { loadScenarios } from '../../harness/run/load.ts'
import { tell } from '../../harness/run/story.ts'
import { resolveKernel } from '../../kernels/index.ts'
import { KERNELS } from './real-guest.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const FILE = join(ROOT, 'scenarios/demotion/each-socket-demotes-to-its-nearest-pmem.ts')
const CRASHES = join(ROOT, 'test/fixtures/must-crash.ts')
const DIFFERS = join(ROOT, 'test/fixtures/must-fail.ts')
const kernel = KERNELS[0] ?? 'debian'
const run = promisify(execFile)

/** `tierlab shell` under way; `saw` waits for a text on either output, `ended` for its end. */
class Shell {
  readonly #child: ChildProcess
  #out = ''
  #err = ''
  constructor(args: readonly string[], program: readonly string[] = [process.execPath]) {
    const [command = '', ...before] = program
    const words = [join(ROOT, 'bin/tierlab.mjs'), 'shell', ...args, '--kernel', kernel]
    // One word for script(1), which hands it to a shell.
    const given = command === 'script' ? [[process.execPath, ...words].join(' '), '/dev/null'] : words
    this.#child = spawn(command, [...before, ...given], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#out += bytes
    })
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#err += bytes
    })
  }

  write(text: string): this {
    this.#child.stdin?.write(text)
    return this
  }

  /** Writes the last of standard input. */
  end(text = ''): this {
    this.#child.stdin?.end(text)
    return this
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  async saw(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#out + this.#err)
      if (found) return found
      if (this.#child.exitCode !== null) throw new Error(`It ended without ${pattern}: ${this.#out}${this.#err}`)
      await new Promise((wake) => setTimeout(wake, 50))
    }
  }

  async ended(): Promise<{ status: number | null; out: string; err: string }> {
    if (this.#child.exitCode === null) await new Promise((done) => this.#child.once('close', done))
    return { status: this.#child.exitCode, out: this.#out, err: this.#err }
  }
}

/** The tiers that the model says there are after a step, as the guest's grep prints them. */
async function modelTiers(step: number): Promise<string> {
  const [loaded] = await loadScenarios([FILE])
  const { version } = await resolveKernel(kernel, { store: new Store() })
  if (loaded === undefined) throw new Error('no scenario')
  const chapter = tell(loaded.scenario, eraOf(version))[step]
  if (chapter === undefined) throw new Error('no such step')
  const tiers = [...tiersOf(chapter.outcome.world)].map(([tier, nodes]) => `memory_tier${tier}:${formatNodeSet(nodes)}`)
  return `${tiers.sort().join('\n')}\n`
}

const TIERS = `cd /sys/devices/virtual/memory_tiering
for tier in memory_tier*; do read -r nodes < $tier/nodelist; echo $tier:$nodes; done | sort
echo to stderr >&2
exit 5`

t.test('behind a step sysfs shows what the model says, and the exit status is the shell’s', async (t) => {
  const [two, three] = [await modelTiers(2), await modelTiers(3)]
  t.not(two, three, 'the third step changes the tiers')
  const after = async (step: string) => new Shell([FILE, '--after', step]).end(TIERS).ended()
  const second = await after('2')
  t.match(second, { status: 5, out: two })
  t.match(
    second.err,
    /^pass .*\n(?:.*\n)*The guest is after step 2 of 5, ndctl .* Next would be: daxctl .*\nto stderr\n$/m,
  )
  const third = await after('system-ram on NVDIMM 3')
  t.match(third, { status: 5, out: three })
})

t.test('where a step differs the difference is told, and the shell begins there', async (t) => {
  const { status, out, err } = await new Shell([DIFFERS]).end('cat /sys/kernel/mm/numa/demotion_enabled').ended()
  t.match([status, out], [0, 'true\n'])
  t.match(err, /^fail .*\n(?:.*\n)* {4}\/sys\/kernel\/mm\/numa\/demotion_enabled\n {6}expected {2}false\n/m)
})

t.test('at a terminal: a prompt, whose exit status is that of “exit”', async (t) => {
  const shell = new Shell([FILE, '--after', '0'], ['script', '-qec'])
  await shell.saw(/~ # /)
  shell.write('false; exit 3\r')
  t.match(await shell.ended(), { status: 3, out: /A shell in the guest/ })
})

t.test(
  'a debugger attaches by the line that is printed, and the shell begins when it lets the guest go on',
  async (t) => {
    const shell = new Shell([FILE, '--after', '1', '--gdb']).end('cat /proc/cmdline; exit 7')
    const [, line = ''] = await shell.saw(/^ {2}(gdb .*)$/m)
    const orders = ['info registers rip', 'detach'].flatMap((order) => ['-ex', `'${order}'`])
    const { stdout } = await run('sh', ['-c', `${line} -batch ${orders.join(' ')}`])
    t.match(stdout, /^rip +0xffffffff8[0-9a-f]{7} /m, 'it stood still in the kernel')
    t.match(await shell.ended(), { status: 7, out: /\bnokaslr\b/ })
  },
)

t.test('an interruption ends the wait for a debugger, and the guest', async (t) => {
  const shell = new Shell([FILE, '--after', '0', '--gdb']).end()
  const [, socket = ''] = await shell.saw(/target remote ([^']*)'/)
  shell.interrupt()
  t.match(await shell.ended(), { status: 130, err: /^tierlab: Interrupted\.$/m })
  t.notOk(existsSync(socket))
})

/** What crash, drgn and makedumpfile make of a dump. */
async function readDump(file: string): Promise<{ release: string; drgn: string; log: string }> {
  const script = `${file}.py`
  await run('sh', ['-c', `echo 'print(prog.platform.arch, prog.flags)' > ${script}`])
  const release = await run('crash', ['--osrelease', file])
  const drgn = await run('drgn', ['-q', '-c', file, script])
  await run('makedumpfile', ['--dump-dmesg', file, `${file}.dmesg`])
  return { release: release.stdout.trim(), drgn: drgn.stdout, log: readFileSync(`${file}.dmesg`, 'utf8') }
}

t.test('a guest that crashed in a step is dumped, for crash and drgn', async (t) => {
  const file = join(t.testdir(), 'vmcore')
  const { status, err } = await new Shell([CRASHES, '--dump', file]).end().ended()
  t.equal(status, 1)
  t.match(err, /^crash .*\n(?:.*\n)*The guest answers no more.*\n.*memory is in .*vmcore/m)
  const { release, drgn, log } = await readDump(file)
  t.equal(release, (await resolveKernel(kernel, { store: new Store() })).release)
  t.match(drgn, /X86_64.*IS_LINUX_KERNEL/)
  t.match(log, 'Kernel panic - not syncing: sysrq triggered crash')
})

t.test('so is one that crashes in the shell, and one that does not crash', async (t) => {
  const folder = t.testdir()
  const [crashed, lives] = [join(folder, 'crashed'), join(folder, 'lives')]
  const mark = 'echo what somebody did > /dev/kmsg'
  const crash = await new Shell(['--dump', crashed]).end(`${mark}; echo c > /proc/sysrq-trigger`).ended()
  t.equal(crash.status, 1)
  t.match(crash.err, /The guest ended \(guest-reset\) while the reply to a command was awaited/)
  t.match((await readDump(crashed)).log, /what somebody did\n(?:.*\n)*.*sysrq triggered crash/)
  t.match(await new Shell(['--dump', lives]).end(`${mark}; exit 4`).ended(), { status: 4 })
  t.match((await readDump(lives)).log, /what somebody did\n/)
})
