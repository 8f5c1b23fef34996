import { parseNodeSet } from '../../base/node-set.ts'
import { dimmId } from '../../topology/device-names.ts'
import type { MachineSpec } from '../../topology/machine.ts'
import {
  cpusOf,
  dimmsOf,
  memoryOf,
  type NodeSpec,
  pmemOf,
  reservedOf,
  virtioMemOf,
  virtioPmemOf,
} from '../../topology/nodes.ts'
import type { MachineView, Part } from './view/data.ts'

/** A machine as it is drawn: nodes with their CPUs and memory, distances, and what else was set. */
export function machineView(spec: MachineSpec): MachineView {
  return {
    nodes: spec.nodes.map((node, index) => ({ cpus: parseNodeSet(cpusOf(node)), parts: partsOf(node, index) })),
    distances: spec.distances,
    notes: [
      `auto_online_blocks: ${spec.auto_online === 'distribution' ? 'as the distribution’s kernel has it' : spec.auto_online}`,
      ...(spec.numa === 'off' ? ['numa=off: the kernel has one node'] : []),
      ...(spec.modules.length > 0 ? [`modules loaded at boot: ${spec.modules.join(', ')}`] : []),
      ...(spec.hmat ?? []).map(
        ({ initiator, target, latency_ns, bandwidth_mibps }) =>
          `HMAT: node ${initiator} reaches node ${target} in ${latency_ns} ns at ${bandwidth_mibps} MiB/s`,
      ),
    ],
  }
}

function partsOf(node: NodeSpec, index: number): Part[] {
  const one = (kind: Part['kind'], bytes: number): Part[] => (bytes === 0 ? [] : [{ kind, name: kind, bytes }])
  return [
    ...one('DRAM', memoryOf(node)),
    ...one('soft reserved', reservedOf(node)),
    ...pmemOf(node).map((bytes, device): Part => ({ kind: 'NVDIMM', name: `NVDIMM ${index}.${device}`, bytes })),
    ...dimmsOf(node).map((bytes, dimm): Part => ({ kind: 'DIMM', name: dimmId({ node: index, dimm }), bytes })),
    ...one('virtio-mem', virtioMemOf(node)),
    ...one('virtio-pmem', virtioPmemOf(node)),
  ]
}
