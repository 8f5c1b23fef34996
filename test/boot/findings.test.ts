import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../harness/base/store.ts'
import {
  dram,
  GiB,
  type Machine,
  MiB,
  machine,
  memoryless,
  pmem,
  softReserved,
  withDimms,
} from '../../harness/index.ts'
import { type BootPlan, VirtualMachine } from '../../harness/machine/virtual-machine.ts'
import { prepare } from '../../harness/run/suite.ts'
import { Session } from '../../harness/session/session.ts'
import { ROOT } from '../docs/commands.ts'

interface Finding {
  readonly page: string
  readonly kernel: string
  readonly machine: Machine
  /** What is typed before the page begins. */
  readonly before?: string
  /** Which of the page's blocks are typed, one after the other; the first alone when nothing is said. */
  readonly blocks?: readonly number[]
  /** What the guest prints, or says in its kernel log, that it should not. */
  readonly shows: readonly RegExp[]
  /** How many guests it may take, where the page says that it is not seen each time. */
  readonly tries?: number
}

const cpu = dram(1 * GiB, { cpus: '0' })
const beside = (slow: ReturnType<typeof pmem>) => machine({ nodes: [cpu, withDimms(slow, 128 * MiB)] })
const below = { page: 'kmem-takes-the-count-of-a-node-below-zero', machine: beside(pmem(512 * MiB, 512 * MiB)) }
const PLUG = '# (qemu) object_add memory-backend-ram,id=m,size=128M\n# (qemu) device_add pc-dimm,id=d,memdev=m,node=1\n'

/** Each page of docs/findings with lines to type, the machine that it speaks of, and what it says that one sees. */
const FINDINGS: readonly Finding[] = [
  {
    page: 'device-dax-loses-a-dynamic-device',
    kernel: 'debian:6.1',
    machine: machine({ nodes: [dram(2 * GiB, { cpus: '0' }), softReserved(1 * GiB)] }),
    shows: [/write error: Device or resource busy/, /write error: Invalid argument/, /with pre-populated page map/],
  },
  {
    page: 'device-says-that-it-is-online',
    kernel: 'debian:7',
    machine: machine({ nodes: [cpu, pmem(512 * MiB)], autoOnline: 'online_movable' }),
    shows: [/^online_movable\n\S*memory33\/state:offline\n\S*:offline\n\S*:offline\n0\n0\n/m],
  },
  {
    page: 'group-counts-pages-that-have-gone',
    kernel: 'debian:6.1',
    machine: machine({
      nodes: [dram(1 * GiB, { cpus: '0-1' }), withDimms(memoryless(), 128 * MiB)],
      autoOnline: 'online_movable',
    }),
    before: PLUG,
    // It heals by what else happens on that CPU.
    tries: 4,
    // The group may have a page more, of the shell's own.
    shows: [/memory\.numa_stat:shmem N0=167\d{5} N1=16777216\n/, /memory\.stat:shmem 167\d{5}\n/],
  },
  {
    ...{ ...below, kernel: 'debian:6.12', blocks: [0, 1] },
    shows: [/memory_tier22\/nodelist:1\n.*memory_tier4\/nodelist:0\n/, /Node 0: preferred: 1, fallback: 1/],
  },
  {
    ...{ ...below, kernel: 'debian:6.12', blocks: [0, 2] },
    shows: [/RIP: 0010:memtier_hotplug_callback.*memory_subsys_offline/s],
  },
  {
    page: 'memory-type-is-freed-in-use',
    kernel: 'debian:6.1',
    machine: machine({ nodes: [cpu, withDimms(pmem(512 * MiB), 128 * MiB)], slubDebug: 'FZP' }),
    shows: [/general protection fault.*RIP: 0010:__bitmap_or.* nodelist_show/s],
  },
  {
    page: 'node-comes-back-without-hmat',
    kernel: 'debian:6.1',
    machine: machine({
      nodes: [cpu, pmem(512 * MiB)],
      hmat: [
        { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
        { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
      ],
    }),
    shows: [/^20$/m, /can't open '\S+read_latency': No such file or directory/],
  },
  {
    page: 'node-stays-in-a-tier-without-memory',
    kernel: 'debian:6.12',
    machine: beside(pmem(512 * MiB)),
    shows: [/^0\n0-1\n$/m],
  },
  {
    page: 'region-gives-away-memory-in-use',
    kernel: 'debian:6.1',
    machine: machine({ nodes: [dram(3 * GiB, { cpus: '0' }), softReserved(1 * GiB)] }),
    shows: [/^805306368$/m],
  },
  {
    page: 'untyped-node-loses-its-memory',
    kernel: 'debian:6.1',
    machine: beside(pmem(512 * MiB)),
    shows: [/NULL pointer dereference, address: 0000000000000018.*RIP: 0010:memtier_hotplug_callback/s],
  },
]

/** Prints how many memory blocks there are. */
const BLOCKS = 'printf %s "$(ls -d /sys/devices/system/memory/memory[0-9]* | wc -l)"'

const signal = new AbortController().signal
for (const { page, kernel, machine, before = '', blocks = [0], shows, tries = 1 } of FINDINGS)
  t.test(`${page}, ${blocks.join(' and ')}`, async (t) => {
    const { image, boot, accel } = await prepare(kernel, new Store(), { accel: 'auto', emit: () => {}, signal })
    const plan = { machine: machine.spec, image: boot.path, initramfs: image.initramfs, accelerator: accel.name }
    const all = blocksOf(await readFile(join(ROOT, 'docs/findings', `${page}.md`), 'utf8'))
    const text = before + blocks.map((at) => all[at] ?? t.fail(`${page} has no block ${at}`)).join('')
    for (let left = tries; left > 0; left -= 1) {
      const texts = await inGuest(plan, text)
      const missing = shows.filter((words) => !texts.some((one) => words.test(one)))
      if (missing.length === 0) return t.pass(`seen with ${kernel}`)
      t.comment(`not seen: ${missing.join(' ')}`, ...texts.map((one) => one.slice(-4_000)))
    }
    t.fail('what the page says was not seen')
  })

t.test('each block of each page is typed', async (t) => {
  for (const name of await readdir(join(ROOT, 'docs/findings'))) {
    // Its lines stand for many.
    if (name === 'want-of-memory-while-memory-is-added.md') continue
    const typed = FINDINGS.filter(({ page }) => `${page}.md` === name).flatMap(({ blocks = [0] }) => blocks)
    const there = blocksOf(await readFile(join(ROOT, 'docs/findings', name), 'utf8')).map((_, at) => at)
    t.same([...new Set(typed)].sort(), there, name)
  }
})

/** Types a page's lines in a guest of its own. Resolves to what was printed, and what the kernel said. */
async function inGuest(plan: BootPlan, text: string): Promise<[printed: string, log: string]> {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-finding-'))
  try {
    await using vm = await VirtualMachine.start(plan, folder)
    const printed = await typed(text, await Session.open(vm, 180_000))
    return [printed, vm.console.since(0).join('\n')]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines = '']) => lines)
}

/** Types what is for QEMU into its monitor, and all between in one shell, as a reader would. Resolves to what was printed. */
async function typed(text: string, session: Session): Promise<string> {
  let said = ''
  for (const part of text.split(/^(?=# \(qemu\) )|(?<=^# \(qemu\) .*\n)/m)) {
    const line = /^# \(qemu\) (.*)/.exec(part)?.[1]
    if (line !== undefined) {
      const before = await session.run(BLOCKS, 10_000)
      said += await session.vm.monitor(line)
      // A guest takes its time to find a DIMM; a reader takes more.
      const waits = `while [ "$(${BLOCKS})" = ${before.stdout} ]; do sleep 0.1; done`
      if (line.startsWith('device_add')) await session.run(waits, 30_000)
    } else {
      const { stdout, stderr } = await session.run(`exec 2>&1\n${part}`, 60_000)
      said += `${stdout}${stderr}`
    }
  }
  return said
}
