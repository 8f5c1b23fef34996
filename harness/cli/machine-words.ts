import { formatSize } from '../base/size.ts'
import { dimmId } from '../topology/device-names.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { cpusOf, dimmsOf, memoryOf, pmemOf, reservedOf, virtioMemOf, virtioPmemOf } from '../topology/nodes.ts'

/** A machine in words, a line for each fact. */
export function machineWords(spec: MachineSpec): string[] {
  return [
    ...spec.nodes.map((node, index) => {
      const cpus = cpusOf(node)
      const memory = memoryOf(node)
      const nvdimms = pmemOf(node).map((bytes, device) => `NVDIMM ${index}.${device} of ${formatSize(bytes)}`)
      const parts = [
        ...(cpus === '' ? [] : [`CPU${/[-,]/.test(cpus) ? 's' : ''} ${cpus}`]),
        ...(memory === 0 ? [] : [`${formatSize(memory)} of DRAM`]),
        ...(reservedOf(node) === 0
          ? []
          : [
              `${formatSize(reservedOf(node))} of soft reserved memory${node.kind === 'soft-reserved' && node.whole ? ', one dax device' : ''}`,
            ]),
        ...nvdimms,
        ...dimmsOf(node).map((bytes, dimm) => `room for ${dimmId({ node: index, dimm })} of ${formatSize(bytes)}`),
        ...(virtioMemOf(node) === 0 ? [] : [`virtio-mem of up to ${formatSize(virtioMemOf(node))}`]),
        ...(virtioPmemOf(node) === 0
          ? []
          : [`virtio-pmem ${index}.${pmemOf(node).length} of ${formatSize(virtioPmemOf(node))}`]),
      ]
      return `node ${index}: ${parts.join(', ')}`
    }),
    ...distanceWords(spec),
    ...(spec.hmat ?? []).map(
      ({ initiator, target, latency_ns, bandwidth_mibps }) =>
        `HMAT: node ${initiator} reaches node ${target} in ${latency_ns} ns at ${bandwidth_mibps} MiB/s`,
    ),
    ...(spec.numa === 'off' ? ['numa=off: the kernel has one node'] : []),
    `memory that is added ${policyWords(spec.auto_online)}`,
    ...(spec.modules.length > 0 ? [`modules loaded at boot: ${spec.modules.join(', ')}`] : []),
  ]
}

function distanceWords({ distances }: MachineSpec): string[] {
  const others = new Set(distances.flatMap((row, from) => row.filter((_distance, to) => from !== to)))
  if (others.size === 0) return []
  if (others.size === 1) return [`distances: each node is ${[...others][0]} from every other`]
  const heads = distances.map((_row, to) => String(to).padStart(4)).join('')
  return [`distances  ${heads}`, ...distances.map((row, from) => rowWords(row, from))]
}

function rowWords(row: readonly number[], from: number): string {
  return `${String(from).padStart(9)}: ${row.map((distance) => String(distance).padStart(4)).join('')}`
}

function policyWords(policy: MachineSpec['auto_online']): string {
  switch (policy) {
    case 'offline':
      return 'stays offline until a step onlines it'
    case 'online':
      return 'comes online by itself'
    case 'online_kernel':
      return 'comes online by itself, in the kernel’s own zones'
    case 'online_movable':
      return 'comes online by itself, in ZONE_MOVABLE'
    case 'distribution':
      return 'does what the distribution’s kernel does by default'
  }
}
