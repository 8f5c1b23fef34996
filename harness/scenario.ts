import { UsageError } from './base/errors.ts'
import { formatNodeSet, parseNodeSet } from './base/node-set.ts'
import { inRange, type Release } from './base/release.ts'
import { MiB, PAGE_BYTES } from './base/size.ts'
import { tiersOf } from './model/tiers.ts'
import { nodesWithMemory, onlineNodes, type World } from './model/world.ts'
import type { Step } from './steps/step.ts'
import type { Machine, MachineSpec } from './topology/machine.ts'

/** `memory_tier4`, as sysfs names it. */
export type TierName = `memory_tier${number}`

/** What a pin may say, as literals. */
export interface Shown {
  /** Every tier that there is, with its nodelist. */
  readonly tiers?: Readonly<Record<TierName, string>>
  /** Preferred demotion targets of some nodes; the empty string for none. */
  readonly demotion?: Readonly<Record<number, string>>
  /** Nodes with memory online, as in /sys/devices/system/node/has_memory. */
  readonly hasMemory?: string
  /** Nodes with a folder in sysfs, as in /sys/devices/system/node/online. */
  readonly online?: string
  /** Every node that may have pages of the workload, in MiB: `32`, or `0 to 16`. */
  readonly pages?: Readonly<Record<number, string>>
}

/** A literal that checks the model, on every commit and without QEMU. `kernels` limits it to some releases. */
export interface Pin {
  readonly shows: Shown
  readonly kernels: string
}

export type Item = Step | Pin

/** One claim about the kernel: a machine, what is done to it, and literal pins. Plain data. */
export interface Scenario {
  readonly name: string
  readonly why: string
  /** Releases for which the claim is made, as a range: `>=6.1`. */
  readonly kernels: string
  readonly machine: MachineSpec
  /** Symbols that the kernel's configuration must have, for a claim that other kernels cannot show. */
  readonly needs?: readonly string[]
  readonly steps: readonly Item[]
}

/** Makes a scenario. Throws UsageError when it says nothing that could be wrong. */
export function scenario(
  name: string,
  claim: { why: string; kernels: string; needs?: readonly string[]; machine: Machine; steps: readonly Item[] },
): Scenario {
  inRange([6, 1, 0], claim.kernels)
  if (!claim.steps.some(isPin)) throw new UsageError(`The scenario “${name}” has no pin; add a shows({ … }).`)
  const wrong = claim.needs?.find((symbol) => !/^CONFIG_\w+$/.test(symbol))
  if (wrong !== undefined) throw new UsageError(`The scenario “${name}” needs “${wrong}”, which is no CONFIG_SYMBOL.`)
  return {
    ...{ name, why: claim.why, kernels: claim.kernels, machine: claim.machine.spec, steps: claim.steps },
    ...(claim.needs !== undefined && { needs: claim.needs }),
  }
}

/** Pins what the model must say at this point, and so what the kernel must show. */
export function shows(shown: Shown, options: { kernels?: string } = {}): Pin {
  return { shows: shown, kernels: options.kernels ?? '>=6.1' }
}

export function isPin(item: Item): item is Pin {
  return 'shows' in item
}

/** Where the model says otherwise than a pin, as sentences. None when the pin is not for this era. */
export function pinDisagreements(pin: Pin, world: World): string[] {
  if (!inRange(world.era.release, pin.kernels)) return []
  const { tiers, demotion, hasMemory, online, pages } = pin.shows
  return [
    ...(tiers === undefined ? [] : disagreement('tiers', normalTiers(tiers), modelTiers(world))),
    ...Object.entries(demotion ?? {}).flatMap(([node, wanted]) => demotionDisagreement(world, Number(node), wanted)),
    ...(hasMemory === undefined ? [] : disagreement('has_memory', hasMemory, formatNodeSet(nodesWithMemory(world)))),
    ...(online === undefined ? [] : disagreement('online', online, formatNodeSet(onlineNodes(world)))),
    ...(pages === undefined ? [] : disagreement('pages', pagesText(Object.entries(pages)), modelPages(world))),
  ]
}

function normalTiers(tiers: Readonly<Record<string, string>>): string {
  return Object.entries(tiers)
    .map(([name, nodes]): [number, string] => [Number(name.slice('memory_tier'.length)), nodes])
    .sort(([a], [b]) => a - b)
    .map(([number, nodes]) => `memory_tier${number}: ${formatNodeSet(parseNodeSet(nodes))}`)
    .join(', ')
}

function pagesText(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([node, mib]) => `node ${node}: ${mib} MiB`).join(', ')
}

function modelPages(world: World): string {
  const mib = (pages: number) => (pages * PAGE_BYTES) / MiB
  const some = [...(world.workload?.pages ?? [])].filter(([, { most }]) => most > 0).sort(([a], [b]) => a - b)
  return pagesText(
    some.map(([node, { least, most }]): [string, string] => [
      String(node),
      least === most ? `${mib(least)}` : `${mib(least)} to ${mib(most)}`,
    ]),
  )
}

function modelTiers(world: World): string {
  return [...tiersOf(world)].map(([tier, nodes]) => `memory_tier${tier}: ${formatNodeSet(nodes)}`).join(', ')
}

function demotionDisagreement(world: World, node: number, wanted: string): string[] {
  const sets = world.targets.get(node)?.preferred ?? []
  const texts = sets.length === 0 ? [''] : sets.map((set) => formatNodeSet(set))
  return texts.includes(wanted) ? [] : disagreement(`demotion of node ${node}`, wanted, texts.join(' or '))
}

function disagreement(what: string, pinned: string, model: string): string[] {
  return pinned === model ? [] : [`${what}: pinned “${pinned}”, the model says “${model}”`]
}

/** Whether the claim is made for kernels of a release. */
export function appliesTo(scenario: Scenario, release: Release): boolean {
  return inRange(release, scenario.kernels)
}
