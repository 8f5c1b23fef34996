import t from 'tap'
import { InvalidMachine, UsageError } from '../../harness/base/errors.ts'
import { GiB, MiB } from '../../harness/base/size.ts'
import {
  daxctl,
  dram,
  dramAndPmem,
  machine,
  memoryless,
  ndctl,
  pmem,
  shows,
  withVirtioMem,
  withVirtioPmem,
} from '../../harness/index.ts'
import { bootArguments } from '../../harness/machine/virtual-machine.ts'
import { eraNamed } from '../../harness/model/eras.ts'
import { hmatTable } from '../../harness/topology/hmat.ts'
import { FAST_ARGUMENTS, kernelArguments } from '../../harness/topology/kernel-arguments.ts'
import { blocksIn, layoutOf } from '../../harness/topology/layout.ts'
import type { NodeSpec } from '../../harness/topology/nodes.ts'
import { NVDIMM_IDS, qemuArguments, whyNotSaved } from '../../harness/topology/qemu-arguments.ts'
import { bootWorld } from '../../harness/topology/world.ts'

const plain = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB, 512 * MiB)] })

function refusal(describe: () => unknown): string {
  try {
    describe()
  } catch (error) {
    if (error instanceof InvalidMachine) return error.message
    throw error
  }
  return '(accepted)'
}

t.test('a machine is validated before QEMU sees it; each message names the node and the rule', async (t) => {
  const good = dram(1 * GiB, { cpus: '0' })
  const of = (nodes: readonly NodeSpec[], distances?: readonly (readonly number[])[]) =>
    refusal(() => machine({ nodes, ...(distances && { distances }) }))
  const cases: [string, string, RegExp][] = [
    ['size', of([good, dram(100 * MiB)]), /node 1: 100 MiB is not a positive multiple of 128 MiB/],
    ['negative size', of([dram(-128 * MiB, { cpus: '0' })]), /node 0: .* not a positive multiple/],
    ['huge size', of([dram(1024 * GiB, { cpus: '0' })]), /node 0: 1024 GiB is more than/],
    ['pmem size', of([good, pmem(1 * GiB + 2 * MiB)]), /node 1: 1026 MiB is not a positive multiple/],
    ['CPU twice', of([good, dram(1 * GiB, { cpus: '0' })]), /node 1: CPU 0 is already on node 0/],
    ['CPU gap', of([dram(1 * GiB, { cpus: '0,2' })]), /CPU 1 is on no node/],
    ['CPU list', of([dram(1 * GiB, { cpus: 'zero' })]), /node 0: “zero” is not a list of CPUs/],
    ['no CPU with memory', of([memoryless({ cpus: '0' }), dram(1 * GiB)]), /No node has both CPUs and memory/],
    ['empty node', of([good, memoryless({ cpus: '' })]), /node 1: neither CPU nor memory/],
    ['no node', of([]), /at least one node/],
    ['order', of([good, pmem(1 * GiB), dram(1 * GiB, { cpus: '1' })]), /node 2: nodes with CPUs come first/],
    ['CPU order', of([dram(1 * GiB, { cpus: '1' }), dram(1 * GiB, { cpus: '0' })]), /node 1: its first CPU 0/],
    ['too many NVDIMMs', of([good, ...Array.from({ length: 8 }, () => pmem(128 * MiB))]), /8 NVDIMMs; 7 are the most/],
    ['rows', of([good, pmem(1 * GiB)], [[10, 20]]), /distances: 1 rows for 2 nodes/],
    ['not square', of([good, pmem(1 * GiB)], [[10, 20], [20]]), /distances: node 1 has 1 values for 2 nodes/],
    [
      'diagonal',
      of(
        [good, pmem(1 * GiB)],
        [
          [11, 20],
          [20, 10],
        ],
      ),
      /distances: node 0 to itself is 11/,
    ],
    [
      'below 10',
      of(
        [good, pmem(1 * GiB)],
        [
          [10, 9],
          [20, 10],
        ],
      ),
      /distances: node 0 to 1 is 9/,
    ],
    [
      '10 to another',
      of(
        [good, pmem(1 * GiB)],
        [
          [10, 20],
          [10, 10],
        ],
      ),
      /distances: node 1 to 0 is 10/,
    ],
    ['table', refusal(() => machine({ nodes: [good], distances: 'nothing' })), /no row like/],
  ]
  for (const [name, said, wanted] of cases) t.match(said, wanted, name)
})

t.test('hmat names nodes that can be what it says they are', async (t) => {
  const nodes = [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] as const
  const of = (entry: { initiator: number; target: number; latency_ns: number; bandwidth_mibps: number }) =>
    refusal(() => machine({ nodes, hmat: [entry] }))
  t.match(of({ initiator: 1, target: 0, latency_ns: 1, bandwidth_mibps: 1 }), /initiator 1 is no node with CPUs/)
  t.match(of({ initiator: 0, target: 7, latency_ns: 1, bandwidth_mibps: 1 }), /target 7 is no node with memory/)
  t.match(of({ initiator: 0, target: 1, latency_ns: -1, bandwidth_mibps: 1 }), /-1 ns/)
})

t.test('HMAT as QEMU encodes it', async (t) => {
  const nodes = [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] as const
  const of = (...values: readonly (readonly [latency: number, bandwidth: number])[]) =>
    hmatTable(
      nodes,
      values.map(([latency_ns, bandwidth_mibps], target) => ({ initiator: 0, target, latency_ns, bandwidth_mibps })),
    ).localities.map(({ base, entries }) => [base, ...entries.flat()])
  // Latencies share the largest power of ten, in ps; bandwidths the largest power of two.
  t.same(of([10, 10240], [250, 3072]), [
    [10000, 1, 25],
    [1024, 10, 3],
  ])
  t.same(of([10, 10240], [33, 3]), [
    [1000, 10, 33],
    [1, 10240, 3],
  ])
  t.same(of([10, 0], [0, 0]), [[10000, 1, 0]], 'what nobody says has no table')
  t.same(of([65534, 65534 * 8], [1, 8]), [
    [1000, 65534, 1],
    [8, 65534, 1],
  ])
  t.throws(() => of([65535, 1], [1, 1]), { message: /0 to 0: 65535 ns is more than 65534 times 1 ns, the unit/ })
  t.throws(() => of([70001, 1]), { message: /70001 ns/ }, 'QEMU alone would make 4465 of it')
  t.throws(() => of([700010, 1], [7, 1]), { message: /0 to 0: 700010 ns is more than 65534 times 1 ns/ })
  t.throws(() => of([1, 65535 * 2], [1, 2]), { message: /0 to 0: 131070 MiB.s is more than 65534 times 2 MiB.s/ })
  t.throws(() => of([1e7, 1]), { message: /a unit of 10000000 ns/ })
  const twice = [1, 2].map((latency_ns) => ({ initiator: 0, target: 1, latency_ns, bandwidth_mibps: 1 }))
  t.match(
    refusal(() => machine({ nodes, hmat: twice })),
    /0 to 1 is given twice/,
  )
})

t.test('addresses: boot memory by node, then NVDIMMs from the next GiB above 4 GiB', async (t) => {
  t.same(layoutOf(plain.spec).boot, [{ node: 0, start: 0, end: 1 * GiB }])
  t.same(
    layoutOf(plain.spec).devices.map(({ range }) => [range.start, range.end]),
    [
      [4 * GiB, 5 * GiB],
      [5 * GiB, 5 * GiB + 512 * MiB],
    ],
  )
  const large = machine({ nodes: [dram(3 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
  t.same(layoutOf(large.spec).boot, [
    { node: 0, start: 0, end: 2 * GiB },
    { node: 0, start: 4 * GiB, end: 5 * GiB },
  ])
  t.equal(layoutOf(large.spec).devices[0]?.range.start, 5 * GiB)
  t.same(blocksIn({ start: 4 * GiB + 1, end: 4 * GiB + 512 * MiB }), [33, 34, 35])
})

t.test('QEMU arguments', async (t) => {
  const words = qemuArguments(plain.spec).join(' ')
  t.match(words, '-machine q35,sata=off,smbus=off,i8042=off,nvdimm=on ')
  t.match(words, '-smp 1,sockets=1')
  t.match(words, '-m 1G,slots=6,')
  t.match(words, '-numa node,nodeid=0,memdev=node0,cpus=0')
  t.match(words, 'memory-backend-ram,id=nvdimm0c-memory,size=1026M')
  t.match(words, 'nvdimm,id=nvdimm1g,memdev=nvdimm1g-memory,node=1,addr=0x140000000,label-size=2M')
  t.match(words, 'dist,src=0,dst=1,val=20')
})

t.test('a virtio-mem device lies behind all else, in blocks of memory, and never in a file', async (t) => {
  const { spec, nodes } = machine({
    nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(pmem(512 * MiB), 256 * MiB)],
  })
  t.same(nodes[1].virtioMem, { node: 1, virtio_mem: true })
  const words = qemuArguments(spec, (id, size) => `memory-backend-file,id=${id},size=${size}`).join(' ')
  t.match(words, '-object memory-backend-ram,id=virtio-mem1-memory,size=256M -device virtio-mem-pci,id=virtio-mem1,')
  t.match(words, 'memdev=virtio-mem1-memory,node=1,memaddr=0x120000000,block-size=128M,requested-size=0')
  t.ok(kernelArguments(spec).includes('tierlab.modules=virtio_mem'))
  const broken = (bytes: number) => () => machine({ nodes: [withVirtioMem(dram(1 * GiB, { cpus: '0' }), bytes)] })
  t.throws(broken(100 * MiB), { name: 'InvalidMachine', message: /node 0: 100 MiB is not a positive multiple/ })
  t.throws(broken(2 * GiB), { name: 'InvalidMachine', message: /node 0: a virtio-mem device of 2 GiB/ })
})

t.test('a virtio-pmem device belongs to the last node, and cannot be saved', async (t) => {
  const { spec, nodes } = machine({
    nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioPmem(pmem(512 * MiB), 256 * MiB)],
  })
  t.same(nodes[1].virtioPmem, { node: 1, device: 1 }, 'behind the NVDIMMs')
  const words = qemuArguments(spec).join(' ')
  t.match(words, '-object memory-backend-memfd,id=virtio-pmem1-memory,size=256M ')
  t.match(words, '-device virtio-pmem-pci,id=virtio-pmem1,memdev=virtio-pmem1-memory,memaddr=0x120000000')
  t.ok(kernelArguments(spec).includes('tierlab.modules=virtio_pmem'))
  t.match(whyNotSaved(spec), /virtio-pmem/)
  t.equal(whyNotSaved(plain.spec), null)
  const nodeOf = (era: string) => bootWorld(spec, eraNamed(era)).devices.map(({ key, node }) => [key, node])
  t.same(nodeOf('6.1'), [
    ['1.0', 1],
    ['1.1', 0],
  ])
  t.same(nodeOf('6.2'), [
    ['1.0', 1],
    ['1.1', 1],
  ])
  const first = () => machine({ nodes: [withVirtioPmem(dram(1 * GiB, { cpus: '0' }), 128 * MiB), pmem(128 * MiB)] })
  t.throws(first, { name: 'InvalidMachine', message: /node 0: a virtio-pmem device is for the last node/ })
})

t.test('with numa=off there is one node, and an NVDIMM has none', async (t) => {
  const nodes = [dram(1 * GiB, { cpus: '0' }), dram(1 * GiB, { cpus: '1' }), pmem(512 * MiB)] as const
  const { spec } = machine({ nodes, numa: 'off' })
  t.ok(kernelArguments(spec).includes('numa=off'))
  const world = bootWorld(spec, eraNamed('6.12'))
  t.same(
    world.nodes.map(({ cpus }) => cpus),
    [[0, 1]],
  )
  t.same([...new Set([...world.blocks.values()].map(({ node }) => node))], [0])
  t.same(
    world.devices.map(({ key, node }) => [key, node]),
    [['2.0', -1]],
  )
  const broken = () => machine({ nodes: [withVirtioMem(nodes[0], 128 * MiB)], numa: 'off' })
  t.throws(broken, { name: 'InvalidMachine', message: /node 0: with numa=off/ })
})

t.test('names of NVDIMMs come out of a GLib hash table in ascending order', async (t) => {
  const slot = (name: string) => {
    let hash = 5381
    for (const letter of name) hash = (Math.imul(hash, 33) + letter.charCodeAt(0)) >>> 0
    return (Math.imul(hash, 11) >>> 0) % 7
  }
  t.same(NVDIMM_IDS.map(slot), [0, 1, 2, 3, 4, 5, 6])
})

t.test('the kernel command line states the auto-online policy unless the distribution is to decide', async (t) => {
  t.ok(kernelArguments(plain.spec).includes('memhp_default_state=offline'))
  const left = machine({ nodes: [dram(1 * GiB, { cpus: '0' })], autoOnline: 'distribution' })
  t.notOk(kernelArguments(left.spec).some((word) => word.startsWith('memhp_default_state')))
})

t.test('words that only spare a guest work can be left out of the command line', async (t) => {
  const plan = { machine: plain.spec, image: '/i', initramfs: '/r', accelerator: 'tcg' } as const
  const words = (omit: readonly string[]) =>
    bootArguments({ ...plan, omit, extra: ['last'] })
      .at(-1)
      ?.split(' ')
  t.same(words([]), [...kernelArguments(plain.spec), 'last'])
  t.same(
    words(FAST_ARGUMENTS),
    [...kernelArguments(plain.spec), 'last'].filter((word) => !FAST_ARGUMENTS.includes(word)),
  )
  t.ok(words(FAST_ARGUMENTS)?.includes('panic=-1'))
})

t.test('handles are typed by the machine', async (t) => {
  const [fast, slow] = plain.nodes
  // @ts-expect-error a DRAM node has no dax device
  t.throws(() => daxctl.onlineMemory(fast), TypeError)
  // @ts-expect-error tiers are called memory_tierN
  shows({ tiers: { tier4: '0' } })
  // @ts-expect-error there is no third NVDIMM
  t.equal(slow.devices[2], undefined)
  t.throws(() => daxctl.onlineMemory(slow), UsageError, 'a node with two NVDIMMs is ambiguous')
  t.same(ndctl.createNamespace(slow.devices[1], { mode: 'devdax' }).args, { device: '1.1', map: 'dev' })
  const mixed = machine({ nodes: [dramAndPmem(1 * GiB, { cpus: '0', pmem: [128 * MiB] })] })
  t.same(daxctl.onlineMemory(mixed.nodes[0]).args, { device: '0.0', movable: true })
})
