import { dram, GiB, guest, MiB, machine, memoryless, qemu, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({
  nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(memoryless(), 128 * MiB)],
  hmat: [
    { initiator: 0, target: 0, latency_ns: 10, bandwidth_mibps: 10240 },
    { initiator: 0, target: 1, latency_ns: 20, bandwidth_mibps: 5120 },
  ],
  autoOnline: 'online_movable',
})
const [, empty] = box.nodes
const [dimm] = empty.dimms

export default scenario('a DIMM that is there at boot comes before HMAT', {
  why: 'ACPI adds the memory of DIMMs before HMAT is read: what the policy onlines then is DRAM, and stays it.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    qemu.deviceAdd(dimm),
    shows({ tiers: { memory_tier4: '0', memory_tier18: '1' } }, { kernels: '>=6.10' }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0-1' }, hasMemory: '0-1' }),
  ],
})
