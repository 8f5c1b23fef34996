import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../harness/base/store.ts'
import { dram, GiB, MiB, machine, pmem } from '../../harness/index.ts'
import { VirtualMachine } from '../../harness/machine/virtual-machine.ts'
import { prepare } from '../../harness/run/suite.ts'
import { Session } from '../../harness/session/session.ts'
import { NVDIMM_IDS } from '../../harness/topology/qemu-arguments.ts'
import { KERNELS } from './real-guest.ts'

const kernel = KERNELS[0] ?? 'debian'
const { image, boot, accel } = await prepare(kernel, new Store(), {
  accel: 'auto',
  emit: () => {},
  signal: new AbortController().signal,
})

/** As many NVDIMMs as there may be, each on a node of its own. */
const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), dram(512 * MiB, { cpus: '1' }), ...NVDIMM_IDS.map(() => pmem(128 * MiB))],
})

t.test('a real guest', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-guest-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const plan = { machine: box.spec, image: boot.path, initramfs: image.initramfs, accelerator: accel.name }
  await using vm = await VirtualMachine.start(plan, folder)
  const session = await Session.open(vm, 180_000)
  const run = (script: string, limit_ms = 30_000) => session.run(script, limit_ms)

  await t.test('exit status, standard output and standard error, each for itself', async (t) => {
    t.match(await run('echo out; echo err >&2; exit 42'), { status: 42, timed_out: false })
    const result = await run("printf 'a\\000b\\377'; printf 'c\\n' >&2")
    t.equal(result.stdout.toString('hex'), '610062ff')
    t.equal(result.stderr.toString(), 'c\n')
    t.match(await run('kill -SEGV $$'), { status: 139 })
    t.match(await run(''), { status: 0 })
  })

  await t.test('1 MiB of any bytes', async (t) => {
    const { stdout, status } = await run('head -c 1048576 /dev/urandom | tee /tmp/bytes; exit 3')
    const { stdout: sum } = await run('sha256sum /tmp/bytes')
    const { createHash } = await import('node:crypto')
    t.match([stdout.length, status], [1048576, 3])
    t.equal(sum.toString().split(' ')[0], createHash('sha256').update(stdout).digest('hex'))
  })

  await t.test('a command that hangs is killed at its limit, children and all, and the guest goes on', async (t) => {
    t.match(await run('trap "" TERM INT; sleep 1000 & sleep 1000; sleep 1000', 1_500), { timed_out: true, status: 137 })
    // Killed processes may need a moment to be gone; process 1 reaps them when a request comes.
    let processes = ''
    for (let tries = 0; tries < 50; tries += 1) {
      processes = (await run('ps -o comm')).stdout.toString()
      if (!processes.includes('sleep')) break
    }
    t.notMatch(processes, /sleep/)
    t.equal((await run('echo alive')).stdout.toString(), 'alive\n')
  })

  await t.test('nodes are numbered as the machine numbers them, however many NVDIMMs there are', async (t) => {
    const script =
      'for region in /sys/bus/nd/devices/region*; do echo $(cat $region/resource $region/target_node); done'
    const rows = (await run(script)).stdout.toString().trim().split('\n').sort()
    const wanted = NVDIMM_IDS.map((_id, index) => `0x${(4 * GiB + index * 128 * MiB).toString(16)} ${index + 2}`)
    t.same(rows, wanted)
  })
})
