import { type DaxTarget, deviceOf } from '../topology/machine.ts'
import { daxKey, deviceKey } from '../topology/world.ts'

/** The key in the world of what a step on a dax device means. */
export function keyOf(target: DaxTarget): string {
  return 'dax' in target ? daxKey(target) : deviceKey(deviceOf(target))
}

/** An NVDIMM's key is `node.device`; all others are names. */
export function nameOf(key: string): string {
  return /^\d/.test(key) ? `NVDIMM ${key}` : key
}
