import { atOnce } from '../steps/race.ts'
import type { Step } from '../steps/step.ts'
import { nodesIn } from './machine-cuts.ts'
import type { Move } from './moves.ts'

/**
 * Steps that are one write to sysfs which the kernel answers under a lock, so that two of them at once can only come to
 * what some order of them comes to. ndctl and daxctl make many such writes, and promise nothing beside another.
 * Source: drivers/base/memory.c, state_store() (device hotplug lock); drivers/base/bus.c, bind_store(), unbind_store();
 * kernel/cpu.c, cpu_up(), cpu_down(). 6.1
 */
function canRace({ verb, args }: Step): boolean {
  if (verb === 'memory block state' || verb === 'cpu online') return true
  return verb === 'dax driver' && ['bind', 'unbind'].includes(String((args as { readonly file?: string }).file))
}

/**
 * A step by its number: that of a move, or, above those, of two of them at once. Undefined where there is none, or the two
 * cannot race.
 */
export function stepAt(all: readonly Move[], number: number): Step | undefined {
  if (number < all.length) return all[number]?.step
  const pair = number - all.length
  const [one, other] = [all[Math.floor(pair / all.length)]?.step, all[pair % all.length]?.step]
  return one && other && canRace(one) && canRace(other) ? atOnce(one, other) : undefined
}

/** How much likelier two steps race on one node. */
const TOGETHER = 5

/** The numbers of the pairs that can race, with their weights. */
export function pairsOf(all: readonly Move[]): { readonly number: number; readonly weight: number }[] {
  const racers = all.flatMap(({ step, weight }, index) =>
    canRace(step) ? [{ index, weight, nodes: nodesIn(step.args) }] : [],
  )
  return racers.flatMap((one) =>
    racers.map((other) => ({
      number: all.length * (1 + one.index) + other.index,
      weight: one.weight * other.weight * (one.nodes.some((node) => other.nodes.includes(node)) ? TOGETHER : 1),
    })),
  )
}
