/** The public API: all that a scenario imports. */
export { GiB, MiB } from './base/size.ts'
export { type Scenario, scenario, shows } from './scenario.ts'
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
export { refuses, within } from './steps/step.ts'
export { cgroup, workload } from './steps/workload.ts'
export { machine } from './topology/machine.ts'
export {
  dram,
  dramAndPmem,
  memoryless,
  pmem,
  softReserved,
  withDimms,
  withVirtioMem,
  withVirtioPmem,
} from './topology/nodes.ts'
