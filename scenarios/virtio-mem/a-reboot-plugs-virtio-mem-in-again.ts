import {
  dram,
  GiB,
  guest,
  MiB,
  machine,
  memory,
  memoryless,
  qemu,
  scenario,
  shows,
  withVirtioMem,
} from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withVirtioMem(memoryless(), 256 * MiB)] })
const [, empty] = box.nodes

export default scenario('a reboot plugs virtio-mem in again', {
  why: 'A reset takes all of its memory, and its driver asks for the same size at boot; the policy is the command line’s again.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    memory.autoOnline('online_movable'),
    qemu.requestedSize(empty.virtioMem, 256 * MiB),
    shows({ tiers: { memory_tier4: '0-1' } }),
    guest.reboot(),
    shows({ tiers: { memory_tier4: '0' }, online: '0-1' }),
    memory.online(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0-1' } }),
    qemu.requestedSize(empty.virtioMem, 0),
    shows({ tiers: { memory_tier4: '0' }, online: '0' }),
  ],
})
