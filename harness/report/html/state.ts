import { parseNodeSet } from '../../base/node-set.ts'
import { BLOCK_BYTES, PAGE_BYTES } from '../../base/size.ts'
import { pagesByNode } from '../../compare/workload.ts'
import { tierName, tiersOf } from '../../model/tiers.ts'
import { nodesWithCpu, onlineNodes, type World } from '../../model/world.ts'
import { messageText } from '../../observe/observation.ts'
import type { NodeState, State, Tier } from './view/data.ts'

type Files = Readonly<Record<string, string>>

/** Preferred demotion targets by node, as the kernel has logged them so far. */
export type LoggedTargets = ReadonlyMap<number, readonly (readonly number[])[]>

const NODE = '/sys/devices/system/node'

/** What the model says of memory tiers in a world. */
export function expectedState(world: World): State {
  const [online, withCpu] = [onlineNodes(world), nodesWithCpu(world)]
  const blocks = [...world.blocks.values()]
  const bytes = (node: number, on: boolean) =>
    blocks.filter((block) => block.node === node && block.online === on).length * BLOCK_BYTES
  return {
    tiers: [...tiersOf(world)].map(([tier, nodes]) => ({ name: tierName(tier), nodes })),
    nodes: world.nodes.map((_node, node) => ({
      node,
      online: online.includes(node),
      has_cpu: withCpu.includes(node),
      online_bytes: bytes(node, true),
      offline_bytes: bytes(node, false),
      used_bytes: expectedUse(world.workload, node),
      targets: world.targets.get(node)?.preferred ?? [],
    })),
    demotion_enabled: world.demotion_enabled,
  }
}

function expectedUse(workload: World['workload'], node: number): NodeState['used_bytes'] {
  if (workload === null) return null
  const { least, most } = workload.pages.get(node) ?? { least: 0, most: 0 }
  return [least * PAGE_BYTES, most * PAGE_BYTES]
}

/**
 * The same of what the kernel showed. `logged` is null for kernels that do not log their demotion targets; `workload` is
 * what the model has of one.
 */
export function observedState(files: Files, logged: LoggedTargets | null, workload: World['workload']): State {
  const set = (file: string) => nodes(files[`${NODE}/${file}`] ?? '')
  const [online, withCpu] = [set('online'), set('has_cpu')]
  const blocks = blocksOf(files)
  const used = workload && pagesByNode(workload, files)
  const last = Math.max(-1, ...set('possible'), ...online)
  return {
    tiers: tiersIn(files),
    nodes: Array.from({ length: last + 1 }, (_, node): NodeState => {
      const own = blocks.filter((block) => block.node === node)
      const bytes = (state: string) => own.filter((block) => block.state === state).reduce((sum, b) => sum + b.bytes, 0)
      return {
        ...{ node, online: online.includes(node), has_cpu: withCpu.includes(node) },
        ...{ online_bytes: bytes('online'), offline_bytes: bytes('offline') },
        used_bytes: used && [(used.get(node) ?? 0) * PAGE_BYTES, (used.get(node) ?? 0) * PAGE_BYTES],
        targets: logged && (logged.get(node) ?? []),
      }
    }),
    demotion_enabled: files['/sys/kernel/mm/numa/demotion_enabled'] === 'true',
  }
}

/** Takes in what a step has logged. Source: mm/memory-tiers.c, dump_demotion_targets(). */
export function withLogged(logged: LoggedTargets, messages: readonly string[]): LoggedTargets {
  const next = new Map(logged)
  for (const message of messages) {
    const [, node, targets = ''] = /^Demotion targets for Node (\d+): (.*)$/.exec(messageText(message)) ?? []
    if (node === undefined) continue
    const [, preferred] = /^preferred: ([\d,-]+), fallback: /.exec(targets) ?? []
    next.set(Number(node), preferred === undefined ? [] : [nodes(preferred)])
  }
  return next
}

function tiersIn(files: Files): Tier[] {
  return Object.entries(files)
    .flatMap(([path, text]): [number, Tier][] => {
      const [, name, number] = /\/memory_tiering\/(memory_tier(\d+))\/nodelist$/.exec(path) ?? []
      return name === undefined ? [] : [[Number(number), { name, nodes: nodes(text) }]]
    })
    .sort(([a], [b]) => a - b)
    .map(([, tier]) => tier)
}

function blocksOf(files: Files): { node: number; state: string; bytes: number }[] {
  const bytes = Number.parseInt(files['/sys/devices/system/memory/block_size_bytes'] ?? '', 16) || BLOCK_BYTES
  return Object.entries(files).flatMap(([path, state]) => {
    const [, node] = /\/node(\d+)\/memory\d+\/state$/.exec(path) ?? []
    return node === undefined ? [] : [{ node: Number(node), state, bytes }]
  })
}

/** What a kernel in trouble shows is no reason to have no report. */
function nodes(text: string): number[] {
  try {
    return parseNodeSet(text).slice(0, 1024)
  } catch {
    return []
  }
}
