/** The public API: all that a scenario imports, and the types with which to write functions that make steps or machines. */
export { GiB, MiB } from './base/size.ts'
export { type Item, type Pin, type Scenario, type Shown, scenario, shows } from './scenario.ts'
export { cpu } from './steps/cpu.ts'
export { cycle } from './steps/cycle.ts'
export { dax } from './steps/dax.ts'
export { daxctl } from './steps/daxctl.ts'
export { fault } from './steps/fail-nth.ts'
export { guest } from './steps/guest.ts'
export { inject } from './steps/inject.ts'
export { kmemleak } from './steps/kmemleak.ts'
export { memory } from './steps/memory.ts'
export { modules } from './steps/modules.ts'
export { ndctl } from './steps/ndctl.ts'
export { numa } from './steps/numa.ts'
export { qemu } from './steps/qemu.ts'
export { atOnce } from './steps/race.ts'
export { shell } from './steps/shell.ts'
export { refuses, type Step, within } from './steps/step.ts'
export { cgroup, workload } from './steps/workload.ts'
export type { DistanceMatrix } from './topology/distances.ts'
export type { Hmat } from './topology/hmat.ts'
export {
  type AutoOnline,
  type DaxTarget,
  type DimmDevice,
  type DimmTarget,
  type HmemDevice,
  type Machine,
  type MachineSpec,
  machine,
  type PmemDevice,
  type PmemTarget,
  type SoftReservedNode,
  type VirtioMemDevice,
} from './topology/machine.ts'
export {
  dram,
  dramAndPmem,
  memoryless,
  type NodeSpec,
  pmem,
  softReserved,
  withDimms,
  withVirtioMem,
  withVirtioPmem,
} from './topology/nodes.ts'
