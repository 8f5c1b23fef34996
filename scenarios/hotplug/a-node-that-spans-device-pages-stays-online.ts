import { dram, GiB, guest, MiB, machine, ndctl, pmem, qemu, scenario, shows, withDimms } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), withDimms(pmem(512 * MiB), 128 * MiB)] })
const [, slow] = box.nodes
const [dimm] = slow.dimms

export default scenario('a node that spans device pages stays online', {
  why: 'device_dax’s struct pages are at the nearest node that was online when the NVDIMM was found: at its own only if a DIMM was there at boot, and then the node stays when the DIMM goes.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    qemu.deviceAdd(dimm),
    shows({ online: '0-1' }),
    qemu.deviceDel(dimm),
    shows({ online: '0' }),
    qemu.deviceAdd(dimm),
    guest.reboot(),
    shows({ online: '0-1' }),
    qemu.deviceDel(dimm),
    shows({ online: '0-1' }),
    ndctl.destroyNamespace(slow, { force: true }),
    qemu.deviceAdd(dimm),
    qemu.deviceDel(dimm),
    shows({ online: '0-1' }),
    guest.reboot(),
    shows({ online: '0' }),
  ],
})
