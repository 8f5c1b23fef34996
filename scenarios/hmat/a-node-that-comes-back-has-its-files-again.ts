import { dax, daxctl, dram, GiB, MiB, machine, ndctl, pmem, scenario, shows } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), pmem(512 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
  ],
})
const [, slow] = box.nodes

export default scenario('a node that comes back has its files again', {
  why: 'What HMAT says of a node is in its folder whenever there is one, and not only the first time.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    daxctl.offlineMemory(slow),
    dax.unbind(slow, 'kmem'),
    shows({ online: '0' }),
    dax.bind(slow, 'kmem'),
    daxctl.onlineMemory(slow),
    shows({ hasMemory: '0-1' }),
  ],
})
