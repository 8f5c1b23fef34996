import fc from 'fast-check'
import { InvalidMachine } from '../base/errors.ts'
import { GiB, MiB } from '../base/size.ts'
import type { Hmat } from '../topology/hmat.ts'
import { type AutoOnline, type MachineSpec, machine } from '../topology/machine.ts'
import {
  cpusOf,
  dram,
  dramAndPmem,
  memoryless,
  type NodeSpec,
  pmem,
  softReserved,
  withDimms,
  withVirtioMem,
} from '../topology/nodes.ts'

/** What may lie on one node beside its own kind: few and small, because what matters is how many kinds meet there. */
interface Extras {
  readonly dimms: readonly number[]
  readonly virtio_mem: number
}

const MOST_NODES = 6

const nvdimmSize = fc.constantFrom(256 * MiB, 384 * MiB, 512 * MiB)
/** So small that its devdax namespace holds no memory block: kmem refuses it. */
const tinyNvdimm = fc.constant(128 * MiB)
const nvdimms = fc.array(fc.oneof({ weight: 9, arbitrary: nvdimmSize }, { weight: 1, arbitrary: tinyNvdimm }), {
  minLength: 1,
  maxLength: 2,
})

const extras: fc.Arbitrary<Extras> = fc.record({
  dimms: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(fc.constantFrom(128 * MiB, 256 * MiB), { minLength: 1, maxLength: 2 }) },
  ),
  virtio_mem: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(128 * MiB, 256 * MiB) },
  ),
})

function withExtras(node: NodeSpec, { dimms, virtio_mem }: Extras): NodeSpec {
  const [first, ...others] = dimms
  const one = first === undefined ? node : withDimms(node, first, ...others)
  return virtio_mem === 0 ? one : withVirtioMem(one, virtio_mem)
}

/** A node with CPUs, by its number: the first has memory, since a machine needs one such node. */
const socket = fc.record({
  kind: fc.constantFrom('dram', 'dram', 'mixed', 'memoryless'),
  memory: fc.constantFrom(512 * MiB, 1 * GiB),
  nvdimms,
  cpus: fc.integer({ min: 1, max: 2 }),
})

const distance = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(11, 20, 21, 40) },
  { weight: 1, arbitrary: fc.integer({ min: 11, max: 254 }) },
)

/** Zero is not said; some are the same, a tenth apart, ten times, or so far apart that old kernels overflow. */
const performance = fc.record({
  latency_ns: fc.constantFrom(0, 1, 10, 11, 12, 20, 33, 100, 350, 65534),
  bandwidth_mibps: fc.constantFrom(0, 1, 1024, 5120, 9216, 10240, 12288, 409600),
})

/** The default of a distribution is not among them: a kernel that is built here has none. */
const autoOnline = fc.oneof(
  { weight: 4, arbitrary: fc.constant<AutoOnline>('offline') },
  { weight: 4, arbitrary: fc.constant<AutoOnline>('online_movable') },
  { weight: 1, arbitrary: fc.constantFrom<AutoOnline>('online', 'online_kernel') },
)

/**
 * Valid machines of two to six nodes: sockets with and without memory, memory without CPUs, persistent and soft reserved
 * memory, room for DIMMs and virtio-mem on any of them; distances that need not be symmetric; HMAT whole, partial, or
 * absurd but legal.
 */
export const machines: fc.Arbitrary<MachineSpec> = fc
  .record({
    sockets: fc.array(socket, { minLength: 1, maxLength: 2 }),
    memory: fc.array(fc.constantFrom(256 * MiB, 512 * MiB), { maxLength: 1 }),
    reserved: fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.record({ whole: fc.boolean(), bytes: fc.constantFrom(768 * MiB, 1 * GiB) }) },
    ),
    pmem: fc.array(nvdimms, { maxLength: 2 }),
    empty: fc.boolean(),
    extras: fc.array(extras, { minLength: MOST_NODES, maxLength: MOST_NODES }),
    distances: fc.array(fc.array(distance, { minLength: MOST_NODES, maxLength: MOST_NODES }), {
      minLength: MOST_NODES,
      maxLength: MOST_NODES,
    }),
    far: fc.boolean(),
    hmat: fc.oneof(
      { weight: 2, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.array(fc.record({ said: fc.integer({ min: 0, max: 9 }), performance }), {
          minLength: 2 * MOST_NODES,
          maxLength: 2 * MOST_NODES,
        }),
      },
    ),
    autoOnline,
    kmem: fc.boolean(),
    slub_debug: fc.boolean(),
  })
  .map((given) => {
    const bare = nodesOf(given)
    const nodes = bare.map((node, index) => withExtras(node, given.extras[index] ?? { dimms: [], virtio_mem: 0 }))
    const distances = nodes.map((_from, from) =>
      nodes.map((_to, to) => (from === to ? 10 : given.far ? (given.distances[from]?.[to] ?? 20) : 20)),
    )
    return tryMachine(() =>
      machine({
        ...{ nodes, distances, autoOnline: given.autoOnline, modules: given.kmem ? ['kmem'] : [] },
        ...(given.hmat !== null && { hmat: hmatOf(nodes, given.hmat) }),
        ...(given.slub_debug && { slubDebug: 'FZP' }),
      }),
    )
  })
  .filter((spec) => spec !== null)

interface Given {
  readonly sockets: readonly { kind: string; memory: number; nvdimms: readonly number[]; cpus: number }[]
  readonly memory: readonly number[]
  readonly reserved: { readonly whole: boolean; readonly bytes: number } | null
  readonly pmem: readonly (readonly number[])[]
  readonly empty: boolean
}

/** In the order in which Linux numbers them: with CPUs, of memory alone, of NVDIMMs alone, of nothing yet. */
function nodesOf({ sockets, memory, reserved, pmem: alone, empty }: Given): NodeSpec[] {
  let cpu = 0
  const take = (count: number) => {
    cpu += count
    return count === 1 ? `${cpu - 1}` : `${cpu - count}-${cpu - 1}`
  }
  return [
    ...sockets.map(({ kind, memory: bytes, nvdimms: sizes, cpus }, index): NodeSpec => {
      const list = take(cpus)
      // Soft reserved memory must lie above 4 GiB.
      const first = reserved === null ? bytes : 3 * GiB
      if (kind === 'mixed')
        return dramAndPmem(index === 0 ? first : bytes, { cpus: list, pmem: nonEmpty(sizes.slice(0, 1)) })
      if (kind === 'memoryless' && index > 0) return memoryless({ cpus: list })
      return dram(index === 0 ? first : bytes, { cpus: list })
    }),
    ...memory.map((bytes) => dram(bytes)),
    ...(reserved === null ? [] : [softReserved(reserved.bytes, { whole: reserved.whole })]),
    ...alone.map((sizes) => pmem(...nonEmpty(sizes))),
    ...(empty ? [memoryless()] : []),
  ].slice(0, MOST_NODES)
}

function nonEmpty(sizes: readonly number[]): [number, ...number[]] {
  const [first = 512 * MiB, ...others] = sizes
  return [first, ...others]
}

/** One or two rows for each node; `said` leaves some out, in one machine of ten nearly all. */
function hmatOf(
  nodes: readonly NodeSpec[],
  rows: readonly { readonly said: number; readonly performance: { latency_ns: number; bandwidth_mibps: number } }[],
): Hmat {
  const initiators = nodes.flatMap((node, index) => (cpusOf(node) === '' ? [] : [index]))
  return nodes.flatMap((_node, target) =>
    initiators.flatMap((initiator, index) => {
      const row = rows[(target * initiators.length + index) % rows.length]
      return row === undefined || row.said < 2 ? [] : [{ initiator, target, ...row.performance }]
    }),
  )
}

/** Null for what cannot be: a sum that is too large, units that do not fit, a node that nobody would see. */
export function tryMachine(make: () => { readonly spec: MachineSpec }): MachineSpec | null {
  try {
    return make().spec
  } catch (error) {
    if (error instanceof InvalidMachine) return null
    throw error
  }
}

/** The machine of a number: the same for ever, as long as the generator is the same. */
export function machineOf(seed: number): MachineSpec {
  const [spec] = fc.sample(machines, { seed, numRuns: 1 })
  if (spec === undefined) throw new RangeError('no machine')
  return spec
}
