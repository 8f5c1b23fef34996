import type { Json } from '../base/json.ts'
import { GiB, MiB } from '../base/size.ts'
import { isPin, type Pin, type Scenario } from '../scenario.ts'
import type { Step } from '../steps/step.ts'
import type { MachineSpec } from '../topology/machine.ts'
import type { NodeSpec } from '../topology/nodes.ts'

/**
 * A scenario as the TypeScript that one would write by hand, to be pasted into a file. Importing it gives the same
 * scenario again. Steps within `sh`, fail-nth and other special ones are not written: nobody composes them.
 */
export function scenarioSource(scenario: Scenario, comment: readonly string[], from = 'tierlab'): string {
  const steps = scenario.steps.map((item) => (isPin(item) ? pinSource(item) : stepSource(item)))
  const nodes = scenario.machine.nodes.map(nodeSource)
  const body = [
    ...comment.map((line) => (line === '' ? '//' : `// ${line}`)),
    `const box = machine({`,
    ...machineLines(scenario.machine, nodes).map((line) => `  ${line}`),
    '})',
    ...handles(scenario.machine.nodes.length, steps),
    '',
    `export default scenario(${quoted(scenario.name)}, {`,
    `  why: ${quoted(scenario.why)},`,
    `  kernels: ${quoted(scenario.kernels)},`,
    '  machine: box,',
    '  steps: [',
    ...steps.map((line) => `    ${line},`),
    '  ],',
    '})',
  ]
  // Neither a member nor a key of that name.
  const imports = NAMES.filter((name) =>
    body.some((line) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(withoutQuotes(line))),
  )
  return [`import { ${imports.join(', ')} } from ${quoted(from)}`, '', ...body, ''].join('\n')
}

/** What a scenario may import, in the order of Biome. */
const NAMES = [
  ...['atOnce', 'cgroup', 'cpu', 'dax', 'daxctl', 'dram', 'dramAndPmem', 'GiB', 'guest', 'inject', 'MiB', 'machine'],
  ...['memory', 'memoryless', 'modules', 'ndctl', 'numa', 'pmem', 'qemu', 'refuses', 'scenario', 'shows'],
  ...['softReserved', 'withDimms', 'withVirtioMem', 'withVirtioPmem', 'workload'],
]

function withoutQuotes(line: string): string {
  return line.startsWith('//') ? '' : line.replaceAll(/'(\\'|[^'])*'/g, "''")
}

function handles(count: number, steps: readonly string[]): string[] {
  const used = (node: number) => steps.some((line) => new RegExp(`\\bnode${node}\\b`).test(withoutQuotes(line)))
  const names = [...Array(count).keys()].map((node) => (used(node) ? `node${node}` : ''))
  const last = names.findLastIndex((name) => name !== '')
  return last < 0 ? [] : [`const [${names.slice(0, last + 1).join(', ')}] = box.nodes`]
}

function machineLines(spec: MachineSpec, nodes: readonly string[]): string[] {
  const plain = spec.distances.every((row, from) => row.every((value, to) => value === (from === to ? 10 : 20)))
  return [
    `nodes: [${nodes.join(', ')}],`,
    ...(plain ? [] : [`distances: ${literal(spec.distances)},`]),
    ...(spec.hmat === null ? [] : [`hmat: ${literal(spec.hmat.map((entry) => ({ ...entry })))},`]),
    ...(spec.auto_online === 'offline' ? [] : [`autoOnline: ${quoted(spec.auto_online)},`]),
    ...(spec.modules.length === 0 ? [] : [`modules: ${literal(spec.modules)},`]),
    ...(spec.numa === undefined ? [] : [`numa: ${quoted(spec.numa)},`]),
    ...(spec.slub_debug === undefined ? [] : [`slubDebug: ${quoted(spec.slub_debug)},`]),
  ]
}

function nodeSource(node: NodeSpec): string {
  const cpus = (list: string) => (list === '' ? '' : `cpus: ${quoted(list)}`)
  let text = ''
  switch (node.kind) {
    case 'dram':
      text = `dram(${size(node.memory_bytes)}${cpus(node.cpus) && `, { ${cpus(node.cpus)} }`})`
      break
    case 'memoryless':
      text = `memoryless(${cpus(node.cpus) && `{ ${cpus(node.cpus)} }`})`
      break
    case 'pmem':
      text = `pmem(${node.pmem_bytes.map(size).join(', ')})`
      break
    case 'mixed':
      text = `dramAndPmem(${size(node.memory_bytes)}, { ${[cpus(node.cpus), `pmem: [${node.pmem_bytes.map(size).join(', ')}]`].filter(Boolean).join(', ')} })`
      break
    case 'soft-reserved':
      text = `softReserved(${size(node.reserved_bytes)}${node.whole ? ', { whole: true }' : ''})`
  }
  if (node.dimm_bytes?.length) text = `withDimms(${text}, ${node.dimm_bytes.map(size).join(', ')})`
  if (node.virtio_mem_bytes) text = `withVirtioMem(${text}, ${size(node.virtio_mem_bytes)})`
  if (node.virtio_pmem_bytes) text = `withVirtioPmem(${text}, ${size(node.virtio_pmem_bytes)})`
  return text
}

type Args = Readonly<Record<string, Json>>

/** How each kind of step is written, by its verb. */
const SOURCES: Readonly<Record<string, (args: Args) => string>> = {
  'ndctl create-namespace': ({ device, map }) =>
    `ndctl.createNamespace(${target(device)}, { mode: 'devdax'${map === 'mem' ? ", map: 'mem'" : ''} })`,
  'ndctl destroy-namespace': ({ device, force }) =>
    `ndctl.destroyNamespace(${target(device)}${force ? ', { force: true }' : ''})`,
  'daxctl reconfigure-device --mode=system-ram': ({ device, online, movable, force }) =>
    `daxctl.reconfigureDevice(${target(device)}, { mode: 'system-ram'${online ? '' : ', noOnline: true'}${movable ? '' : ', noMovable: true'}${force ? ', force: true' : ''} })`,
  'daxctl reconfigure-device --mode=devdax': ({ device, force }) =>
    `daxctl.reconfigureDevice(${target(device)}, { mode: 'devdax'${force ? ', force: true' : ''} })`,
  'daxctl reconfigure-device --size': ({ device, bytes }) =>
    `daxctl.reconfigureDevice(${target(device)}, { size: ${size(Number(bytes))} })`,
  'daxctl online-memory': ({ device, movable }) =>
    `daxctl.onlineMemory(${target(device)}${movable ? '' : ', { noMovable: true }'})`,
  'daxctl offline-memory': ({ device }) => `daxctl.offlineMemory(${target(device)})`,
  'daxctl create-device': ({ node, bytes }) =>
    `daxctl.createDevice(node${Number(node)}${bytes === null ? '' : `, { size: ${size(Number(bytes))} }`})`,
  'daxctl destroy-device': ({ device, force }) =>
    `daxctl.destroyDevice(${target(device)}${force ? ', { force: true }' : ''})`,
  'dax driver': ({ device, driver, file }) =>
    `dax.${{ new_id: 'newId', remove_id: 'removeId', bind: 'bind', unbind: 'unbind' }[String(file)]}(${target(device)}, ${quoted(String(driver))})`,
  'dax device state': ({ device, state }) => `dax.state(${target(device)}, ${quoted(String(state))})`,
  'memory block state': ({ device, block, state }) =>
    state === 'offline'
      ? `memory.offline(${target(device)}, ${Number(block)})`
      : `memory.online(${target(device)}, ${Number(block)}${state === 'online_movable' ? '' : `, ${quoted(String(state))}`})`,
  auto_online_blocks: ({ policy }) => `memory.autoOnline(${quoted(String(policy))})`,
  'inject memory notifier error': ({ action, error }) =>
    `inject.memoryNotifier(${quoted(String(action))}, ${quoted(String(error))})`,
  modprobe: ({ module, remove }) => `modules.${remove ? 'unload' : 'load'}(${quoted(String(module))})`,
  'numa demotion': ({ enabled }) => `numa.demotion(${String(enabled)})`,
  'numa balancing': ({ mode }) => `numa.balancing(${quoted(String(mode))})`,
  'cpu online': ({ cpu, online }) => `cpu.${online ? 'online' : 'offline'}(${Number(cpu)})`,
  'qemu device_add': ({ id }) => `qemu.deviceAdd(${target(id)})`,
  'qemu device_del': ({ id }) => `qemu.deviceDel(${target(id)})`,
  'qemu qom-set requested-size': ({ id, bytes }) => `qemu.requestedSize(${target(id)}, ${size(Number(bytes))})`,
  'guest reboot': () => 'guest.reboot()',
  'workload fill': ({ node, bytes }) => `workload.fill(node${Number(node)}, ${size(Number(bytes))})`,
  'workload intact': () => 'workload.intact()',
  'workload free': () => 'workload.free()',
  'workload run': ({ node, bytes }) => `workload.run(node${Number(node)}, ${size(Number(bytes))})`,
  'workload use': ({ seconds }) => `workload.use(${Number(seconds)})`,
  'cgroup reclaim': ({ bytes }) => `cgroup.reclaim(${size(Number(bytes))})`,
  race: ({ one, other }) => `atOnce(${stepSource(one as Inner)}, ${stepSource(other as Inner)})`,
  'cgroup cpuset.mems': ({ nodes }) =>
    `cgroup.cpusetMems(${(nodes as readonly Json[]).map((node) => `node${Number(node)}`).join(', ')})`,
}

type Inner = Pick<Step, 'verb' | 'args'>

function stepSource({ verb, args, refuses }: Inner & Partial<Step>): string {
  const text = SOURCES[verb]?.(args as Args)
  if (text === undefined) throw new RangeError(`no source for a step “${verb}”`)
  return refuses === undefined ? text : `refuses(${text}, { says: ${quoted(refuses.says)} })`
}

/** `node1.devices[0]`, by the name in the world. */
function target(name: Json | undefined): string {
  const [, kind = '', node, index] = /^(dimm|hmem|virtio-mem|)(\d+)(?:\.(\d+))?$/.exec(String(name)) ?? []
  if (kind === 'virtio-mem') return `node${node}.virtioMem`
  return `node${node}.${{ dimm: 'dimms', hmem: 'dax' }[kind] ?? 'devices'}[${index}]`
}

function pinSource({ shows, kernels }: Pin): string {
  return `shows(${literal(shows as Json)}${kernels === '>=6.1' ? '' : `, { kernels: ${quoted(kernels)} }`})`
}

function size(bytes: number): string {
  if (bytes > 0 && bytes % GiB === 0) return `${bytes / GiB} * GiB`
  return bytes > 0 && bytes % MiB === 0 ? `${bytes / MiB} * MiB` : String(bytes)
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}

/** A literal of TypeScript, on one line. */
function literal(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map((item: Json) => literal(item)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(
    ([key, item]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${literal(item)}`,
  )
  return `{ ${members.join(', ')} }`
}
