import type { Json } from '../base/json.ts'
import { formatNodeSet, parseNodeSet } from '../base/node-set.ts'
import type { Step } from '../steps/step.ts'
import { LOCAL_DISTANCE, REMOTE_DISTANCE } from '../topology/distances.ts'
import { type MachineSpec, machine } from '../topology/machine.ts'
import { cpusOf, dimmsOf, type NodeSpec, pmemOf, virtioMemOf } from '../topology/nodes.ts'
import { tryMachine } from './machines.ts'

/** A machine, and steps on it. */
export interface Setup {
  readonly machine: MachineSpec
  readonly steps: readonly Step[]
}

/**
 * Simpler setups with the same steps: all at once first, then one thing at a time. What steps refer to stays.
 * Setups that are no valid machine are left out; whether they fail the same way, only a guest can say.
 */
export function machineCuts(setup: Setup): Setup[] {
  const each = [
    ...unusedNodes(setup).map((node) => withoutNode(setup, node)),
    withoutUnusedDevices(setup),
    { ...setup, machine: { ...setup.machine, hmat: null } },
    { ...setup, machine: { ...setup.machine, distances: plainDistances(setup.machine) } },
    { ...setup, machine: plainKernel(setup.machine) },
    { ...setup, machine: { ...setup.machine, auto_online: 'offline' } as const },
  ]
  const all = [plainest(setup), plainest(setup, { hmat: true }), plainest(setup, { auto_online: true })]
  const text = JSON.stringify(setup)
  const valid = [...all, ...each].flatMap((cut) => {
    const checked = cut === null ? null : tryMachine(() => remade(cut.machine))
    return cut === null || checked === null ? [] : [{ machine: checked, steps: cut.steps }]
  })
  const seen = new Set([text])
  return valid.filter((cut) => !seen.has(JSON.stringify(cut)) && seen.add(JSON.stringify(cut)))
}

/** Everything that can go, gone, but for what is to be kept. */
function plainest(setup: Setup, keep: { readonly hmat?: boolean; readonly auto_online?: boolean } = {}): Setup {
  let cut: Setup = withoutUnusedDevices(setup)
  for (let nodes = unusedNodes(cut); nodes.length > 0; nodes = unusedNodes(cut)) {
    const [last] = nodes.slice(-1)
    const next = last === undefined ? null : withoutNode(cut, last)
    if (next === null) break
    cut = next
  }
  const plain = plainKernel(cut.machine)
  return {
    ...cut,
    machine: {
      ...plain,
      hmat: keep.hmat ? plain.hmat : null,
      auto_online: keep.auto_online ? plain.auto_online : 'offline',
      distances: plainDistances(plain),
    },
  }
}

function plainKernel(spec: MachineSpec): MachineSpec {
  const { slub_debug: _, ...rest } = spec
  return { ...rest, modules: [] }
}

function plainDistances({ nodes }: MachineSpec): number[][] {
  return nodes.map((_from, from) => nodes.map((_to, to) => (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE)))
}

function remade({ nodes, distances, hmat, auto_online, modules, numa, slub_debug }: MachineSpec) {
  return machine({
    ...{ nodes, distances, autoOnline: auto_online, modules },
    ...(hmat !== null && { hmat }),
    ...(numa !== undefined && { numa }),
    ...(slub_debug !== undefined && { slubDebug: slub_debug }),
  })
}

/** DIMMs, virtio-mem and NVDIMMs that no step names, from the end of each list, so that the others keep their numbers. */
function withoutUnusedDevices({ machine: spec, steps }: Setup): Setup {
  const said = JSON.stringify(steps.map(({ args }) => args))
  const names = (name: string) => said.includes(`"${name}"`)
  const used = (sizes: readonly number[], name: (index: number) => string) =>
    sizes.slice(0, sizes.findLastIndex((_size, index) => names(name(index))) + 1)
  const nodes = spec.nodes.map((node, index): NodeSpec => {
    const { dimm_bytes: _dimms, virtio_mem_bytes: _virtio, ...bare } = node
    const dimms = used(dimmsOf(node), (dimm) => `dimm${index}.${dimm}`)
    const nvdimms = used(pmemOf(node), (device) => `${index}.${device}`)
    return {
      ...(bare.kind === 'pmem' && nvdimms.length > 0 ? { ...bare, pmem_bytes: nvdimms } : plainMixed(bare, nvdimms)),
      ...(dimms.length > 0 && { dimm_bytes: dimms }),
      ...(virtioMemOf(node) > 0 && names(`virtio-mem${index}`) && { virtio_mem_bytes: virtioMemOf(node) }),
    }
  })
  return { machine: { ...spec, nodes }, steps }
}

function plainMixed(node: NodeSpec, nvdimms: readonly number[]): NodeSpec {
  if (node.kind !== 'mixed') return node
  if (nvdimms.length > 0) return { ...node, pmem_bytes: nvdimms }
  const { pmem_bytes: _, ...rest } = node
  return { ...rest, kind: 'dram' }
}

/** Nodes but the first of which no step speaks. */
function unusedNodes({ machine: { nodes }, steps }: Setup): number[] {
  const used = new Set(steps.flatMap(({ args }) => nodesIn(args)))
  const cpus = new Set(steps.flatMap(({ args }) => (isRecord(args) && typeof args.cpu === 'number' ? [args.cpu] : [])))
  return nodes.flatMap((node, index) =>
    index === 0 || used.has(index) || parseNodeSet(cpusOf(node)).some((cpu) => cpus.has(cpu)) ? [] : [index],
  )
}

/** Null where the steps name CPUs, whose numbers would change. */
function withoutNode({ machine: spec, steps }: Setup, gone: number): Setup | null {
  if (cpusOf(spec.nodes[gone] ?? { kind: 'memoryless', cpus: '' }) !== '' && JSON.stringify(steps).includes('"cpu"'))
    return null
  const number = (node: number) => (node > gone ? node - 1 : node)
  let cpu = 0
  const nodes = spec.nodes.toSpliced(gone, 1).map((node): NodeSpec => {
    const count = parseNodeSet(cpusOf(node)).length
    if (!('cpus' in node) || count === 0) return node
    cpu += count
    return { ...node, cpus: formatNodeSet([...Array(count).keys()].map((index) => cpu - count + index)) }
  })
  const hmat = spec.hmat
    ?.filter(({ initiator, target }) => initiator !== gone && target !== gone)
    .map((entry) => ({ ...entry, initiator: number(entry.initiator), target: number(entry.target) }))
  return {
    machine: {
      ...spec,
      nodes,
      hmat: hmat === undefined || hmat.length === 0 ? null : hmat,
      distances: spec.distances.toSpliced(gone, 1).map((row) => row.toSpliced(gone, 1)),
    },
    steps: steps.map((step) => ({ ...step, args: renumbered(step.args, number) })),
  }
}

/** Devices are named by their node: `1.0`, `dimm1.0`, `hmem1.0`, `virtio-mem1`. */
const NAME = /^(dimm|hmem|virtio-mem|)(\d+)(\.\d+)?$/

/** Nodes that a step’s arguments speak of. */
export function nodesIn(args: Json): number[] {
  if (typeof args === 'string') {
    const [, , node] = NAME.exec(args) ?? []
    return node === undefined ? [] : [Number(node)]
  }
  if (Array.isArray(args)) return args.flatMap((value: Json) => nodesIn(value))
  if (!isRecord(args)) return []
  return Object.entries(args).flatMap(([key, value]) => {
    if (key === 'node' && typeof value === 'number') return [value]
    if (key === 'nodes' && Array.isArray(value)) return value.map(Number)
    return nodesIn(value)
  })
}

function renumbered(args: Json, number: (node: number) => number): Json {
  if (typeof args === 'string')
    return args.replace(
      NAME,
      (_all, kind: string, node: string, rest: string | undefined) => `${kind}${number(Number(node))}${rest ?? ''}`,
    )
  if (Array.isArray(args)) return args.map((value: Json) => renumbered(value, number))
  if (!isRecord(args)) return args
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (key === 'node' && typeof value === 'number') return [key, number(value)]
      if (key === 'nodes' && Array.isArray(value)) return [key, value.map((node) => number(Number(node)))]
      return [key, renumbered(value, number)]
    }),
  )
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
