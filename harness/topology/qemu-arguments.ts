import { parseNodeSet } from '../base/node-set.ts'
import { alignUp, BLOCK_BYTES, GiB, MiB, qemuSize } from '../base/size.ts'
import type { Range } from '../model/world.ts'
import { dimmId, memoryOfDevice, virtioMemId, virtioPmemId } from './device-names.ts'
import { initiatorOf } from './hmat.ts'
import { type DeviceLayout, type DimmLayout, layoutOf, type VirtioMemLayout } from './layout.ts'
import type { MachineSpec } from './machine.ts'
import { cpusOf, type NodeSpec, ramOf, virtioPmemOf } from './nodes.ts'

/** The label area that each NVDIMM has beside its size. */
export const LABEL_BYTES = 2 * MiB

/**
 * Names of the NVDIMMs, which decide their order in the SRAT: QEMU lists them in the order of a hash table of their
 * names (hw/acpi/nvdimm.c, nvdimm_get_device_list(); GLib's g_str_hash modulo 7), and Linux numbers the nodes in that
 * order. These names come out in ascending order.
 */
export const NVDIMM_IDS = ['nvdimm0c', 'nvdimm1g', 'nvdimm2d', 'nvdimm3a', 'nvdimm4e', 'nvdimm5b', 'nvdimm6f'] as const

/** A board without what no scenario needs: probing the disks, SMBus and keyboard that are not there takes a boot 0.2 s. */
const BOARD = 'q35,sata=off,smbus=off,i8042=off'

/**
 * All that the accelerator offers but two things that emulation pays for and nothing judged depends on: five levels of
 * page tables, one more at each miss of its TLB, and SMAP, whose `stac` and `clac` end a translated block at each access
 * to a process's memory. (Without SMAP an oops has interrupts on: nobody says “exited with irqs disabled” then.)
 */
const CPU = 'max,la57=off,smap=off'

/** QEMU's `-object` for the memory of a node or an NVDIMM, of which `id` and `size` (`1026M`) are given. */
export type Backend = (id: string, size: string) => string

/** Memory that goes with QEMU's process. */
export const ANONYMOUS: Backend = (id, size) => `memory-backend-ram,id=${id},size=${size}`

/**
 * Why QEMU cannot save the state of a guest on this machine; null when it can. It does not save a virtio-pmem device, and
 * does not say so: the driver's next flush never ends (seen with 7.2). Source: hw/virtio/virtio-pmem.c, which has no VMStateDescription.
 */
export function whyNotSaved({ nodes }: MachineSpec): string | null {
  const isPmem = nodes.some((node) => virtioPmemOf(node) > 0)
  return isPmem ? 'QEMU does not save the state of a virtio-pmem device' : null
}

/** QEMU's arguments for the machine itself: board, CPUs, memory, nodes, NVDIMMs, distances, HMAT. */
export function qemuArguments(spec: MachineSpec, backend: Backend = ANONYMOUS): string[] {
  const { cpus, devices, dimms, virtio_mems, virtio_pmems } = layoutOf(spec)
  const boot = spec.nodes.reduce((sum, node) => sum + ramOf(node), 0)
  const hotplug = alignUp(
    [...devices, ...dimms, ...virtio_mems, ...virtio_pmems].reduce(
      (sum, { range }) => sum + range.end - range.start,
      0,
    ),
    GiB,
  )
  const top = alignUp(boot + hotplug, GiB) + 4 * GiB
  return [
    ...['-machine', [BOARD, ...(devices.length ? ['nvdimm=on'] : []), ...(spec.hmat ? ['hmat=on'] : [])].join(',')],
    // A socket for each CPU: Linux warns when one socket's CPUs lie on several nodes (smpboot.c, topology_sane).
    ...['-cpu', CPU, '-smp', `${cpus},sockets=${cpus},cores=1,threads=1`],
    ...['-m', `${qemuSize(boot)},slots=${Math.max(1, devices.length) + dimms.length + 4},maxmem=${qemuSize(top)}`],
    ...spec.nodes.flatMap((node, index) => numaNode(spec, node, index, backend)),
    ...devices.flatMap(({ node, range }, index) => nvdimm(NVDIMM_IDS[index] ?? '', node, range, backend)),
    ...dimms.flatMap((dimm) => dimmBackend(dimm, backend)),
    ...virtio_mems.flatMap(virtioMem),
    ...virtio_pmems.flatMap(virtioPmem),
    ...distanceArguments(spec),
    ...hmatArguments(spec),
  ]
}

function numaNode(spec: MachineSpec, node: NodeSpec, index: number, backend: Backend): string[] {
  const bytes = ramOf(node)
  const initiator = cpusOf(node) === '' ? initiatorOf(spec.hmat ?? [], index) : undefined
  const words = [
    `node,nodeid=${index}`,
    ...(bytes > 0 ? [`memdev=node${index}`] : []),
    ...parseNodeSet(cpusOf(node)).map((cpu) => `cpus=${cpu}`),
    ...(initiator === undefined ? [] : [`initiator=${initiator}`]),
  ]
  return [...(bytes > 0 ? ['-object', backend(`node${index}`, qemuSize(bytes))] : []), ...['-numa', words.join(',')]]
}

/**
 * The backend is larger than the NVDIMM by its label area; otherwise the region comes out short of a memory block.
 * Its address is ours to say, so that block numbers are known before the guest boots.
 */
function nvdimm(id: string, node: number, { start, end }: Range, backend: Backend): string[] {
  const label = qemuSize(LABEL_BYTES)
  return [
    '-object',
    backend(`${id}-memory`, qemuSize(end - start + LABEL_BYTES)),
    '-device',
    `nvdimm,id=${id},memdev=${id}-memory,node=${node},addr=0x${start.toString(16)},label-size=${label}`,
  ]
}

/** The memory of a DIMM lies ready from the start, so that plugging it in is one line of QEMU's monitor. */
function dimmBackend(dimm: DimmLayout, backend: Backend): string[] {
  return ['-object', backend(memoryOfDevice(dimmId(dimm)), qemuSize(dimm.range.end - dimm.range.start))]
}

/**
 * A block of the device is a memory block, so that the driver deals with whole ones. Its memory is never in a file:
 * loading a state, QEMU discards what is not plugged in, with fallocate(2) where it has a file, and a checkpoint's files
 * are not to be written. Source: hw/virtio/virtio-mem.c, virtio_mem_restore_unplugged().
 */
function virtioMem({ node, range: { start, end } }: VirtioMemLayout): string[] {
  const id = virtioMemId(node)
  const memory = memoryOfDevice(id)
  return [
    ...['-object', ANONYMOUS(memory, qemuSize(end - start)), '-device'],
    `virtio-mem-pci,id=${id},memdev=${memory},node=${node},memaddr=0x${start.toString(16)},block-size=${qemuSize(BLOCK_BYTES)},requested-size=0`,
  ]
}

/**
 * A flush is an fsync(2) of the memory behind the device, which therefore needs a file descriptor; without one the guest
 * gets an error. Source: hw/virtio/virtio-pmem.c, worker_cb().
 */
function virtioPmem({ node, range: { start, end } }: DeviceLayout): string[] {
  const id = virtioPmemId(node)
  const memory = memoryOfDevice(id)
  return [
    ...['-object', `memory-backend-memfd,id=${memory},size=${qemuSize(end - start)}`, '-device'],
    `virtio-pmem-pci,id=${id},memdev=${memory},memaddr=0x${start.toString(16)}`,
  ]
}

function distanceArguments(spec: MachineSpec): string[] {
  return spec.distances.flatMap((row, from) =>
    row.flatMap((distance, to) => (from === to ? [] : ['-numa', `dist,src=${from},dst=${to},val=${distance}`])),
  )
}

function hmatArguments(spec: MachineSpec): string[] {
  return (spec.hmat ?? []).flatMap(({ initiator, target, latency_ns, bandwidth_mibps }) => {
    const pair = `hmat-lb,initiator=${initiator},target=${target},hierarchy=memory`
    return [
      ...(latency_ns > 0 ? ['-numa', `${pair},data-type=access-latency,latency=${latency_ns}`] : []),
      ...(bandwidth_mibps > 0 ? ['-numa', `${pair},data-type=access-bandwidth,bandwidth=${bandwidth_mibps}M`] : []),
    ]
  })
}
