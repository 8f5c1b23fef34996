// A scenario: one claim about the kernel. “npx tierlab explain FILE” says what the model makes of it, without a guest.
import { daxctl, dram, GiB, machine, ndctl, numa, pmem, scenario, shows } from 'tierlab'

// The machine that the kernel boots on: node 0 has a CPU and 1 GiB of DRAM, node 1 is an NVDIMM of 1 GiB.
const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)],
  // From each node to each, as numactl --hardware prints it. Left out, it is 20 between any two.
  distances: [
    [10, 20],
    [20, 10],
  ],
})

// What steps are done to. A daxctl step on DRAM, or on a node that is not there, does not compile.
const [, slow] = box.nodes

// The name is the claim; the default export is what tierlab runs.
export default scenario('the nvdimm is a tier below dram, and dram demotes to it', {
  why: 'kmem’s memory has a larger abstract distance than DRAM, and the next lower tier is where pages are demoted to.',
  // The releases for which the claim is made; on others the scenario is skipped.
  kernels: '>=6.1',
  machine: box,
  steps: [
    // A pin: what the model must say here. After every step all of sysfs is compared with the model, pinned or not.
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' } }),

    // Steps are the commands that one would type in the guest: echo 1 > …/demotion_enabled, ndctl create-namespace, …
    numa.demotion(true),
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' }, demotion: { 0: '1', 1: '' } }),

    // What must be refused is a step in refuses(…, { says: 'words of its standard error' }).
    daxctl.offlineMemory(slow),
    shows({ tiers: { memory_tier4: '0' }, demotion: { 0: '' } }),
  ],
})
