import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidMachine, messageOf, UsageError } from '../base/errors.ts'
import { GiB } from '../base/size.ts'
import { type MachineSpec, machine } from '../topology/machine.ts'
import { dram, pmem } from '../topology/nodes.ts'
import { validate } from '../topology/validate.ts'

/** The machine of `exec` and `shell` when none is named: two nodes of DRAM with a CPU each, and one of pmem. */
export function defaultMachine(): MachineSpec {
  return machine({ nodes: [dram(GiB, { cpus: '0' }), dram(GiB, { cpus: '1' }), pmem(GiB)] }).spec
}

/**
 * The machine that a module exports by default, or that of the scenario which it exports.
 * Throws UsageError when it exports neither, InvalidMachine when the machine breaks a rule.
 */
export async function machineFrom(file: string): Promise<MachineSpec> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}; a machine is a module that exports one.`)
  let exported: unknown
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href)
    exported = memberOf(module, 'default')
  } catch (cause) {
    if (cause instanceof InvalidMachine) throw new InvalidMachine(`${file}: ${cause.message}`, { cause })
    throw new UsageError(`${file} cannot be loaded: ${messageOf(cause)}`, { cause })
  }
  const spec = memberOf(exported, 'spec') ?? memberOf(exported, 'machine')
  if (!isSpec(spec))
    throw new UsageError(`${file} exports no machine. Write “export default machine({ nodes: [ … ] })”, or a scenario.`)
  validate(spec)
  return spec
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function isSpec(value: unknown): value is MachineSpec {
  return Array.isArray(memberOf(value, 'nodes')) && Array.isArray(memberOf(value, 'distances'))
}
