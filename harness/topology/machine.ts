import { UsageError } from '../base/errors.ts'
import { type DistanceMatrix, parseDistances } from './distances.ts'
import type { Hmat } from './hmat.ts'
import {
  type DramSpec,
  dimmsOf,
  type MemorylessSpec,
  type MixedSpec,
  type NodeSpec,
  type PmemSpec,
  pmemOf,
  type SoftReservedSpec,
  virtioMemOf,
  virtioPmemOf,
} from './nodes.ts'
import { validate } from './validate.ts'

/**
 * What happens to memory blocks that are added: the values of /sys/devices/system/memory/auto_online_blocks.
 * `distribution` leaves the kernel's own default alone (Debian: `offline` on 6.1, `online` since 6.12).
 */
export type AutoOnline = 'offline' | 'online' | 'online_kernel' | 'online_movable' | 'distribution'

/** A machine as plain data: printable, hashable, free of defaults that a distribution could change. */
export interface MachineSpec {
  readonly nodes: readonly NodeSpec[]
  readonly distances: DistanceMatrix
  readonly hmat: Hmat | null
  readonly auto_online: AutoOnline
  /** `numa=off` on the command line: the kernel looks at no table, and has one node. */
  readonly numa?: 'off'
  /** Modules loaded at boot beside the nvdimm and dax stack. */
  readonly modules: readonly string[]
  /**
   * `slub_debug=` on the command line: FZP checks freed objects and poisons them, so that who reads one gets 0x6b, and who
   * writes one is found. Source: Documentation/mm/slub.rst (6.1).
   */
  readonly slub_debug?: string
}

export interface Machine<Nodes extends readonly NodeSpec[] = readonly NodeSpec[]> {
  readonly spec: MachineSpec
  /** One handle for each node, in the order of the description, typed by what the node has. */
  readonly nodes: { readonly [I in keyof Nodes]: Handle<Nodes[I]> }
}

/** Names one NVDIMM of a machine, or a virtio-pmem device, which comes behind the NVDIMMs of its node. */
export interface PmemDevice {
  readonly node: number
  readonly device: number
}
/** Names one DIMM that can be plugged into a machine. */
export interface DimmDevice {
  readonly node: number
  readonly dimm: number
}
/** Names a node's virtio-mem device. */
export interface VirtioMemDevice {
  readonly node: number
  readonly virtio_mem: true
}
export interface DramNode {
  readonly kind: 'dram'
  readonly node: number
}
export interface MemorylessNode {
  readonly kind: 'memoryless'
  readonly node: number
}
export interface PmemNode<Sizes extends readonly number[] = readonly number[]> {
  readonly kind: 'pmem'
  readonly node: number
  /** One for each size, in the order given. */
  readonly devices: { readonly [I in keyof Sizes]: PmemDevice }
}
export interface MixedNode<Sizes extends readonly number[] = readonly number[]> {
  readonly kind: 'mixed'
  readonly node: number
  /** One for each size, in the order given. */
  readonly devices: { readonly [I in keyof Sizes]: PmemDevice }
}
/** Names the device daxR.ID of a dynamic region, whether there is one or not. */
export interface HmemDevice {
  readonly node: number
  readonly dax: number
}
/** A dynamic dax region, of which the first eight dax devices have names. */
export interface SoftReservedNode {
  readonly kind: 'soft-reserved'
  readonly node: number
  readonly dax: Eight<HmemDevice>
}
type Eight<T> = readonly [T, T, T, T, T, T, T, T]
export type NodeHandle = DramNode | MemorylessNode | PmemNode | MixedNode | SoftReservedNode
export type Handle<Spec> = DimmsOf<Spec> &
  VirtioMemOf<Spec> &
  VirtioPmemOf<Spec> &
  (Spec extends DramSpec
    ? DramNode
    : Spec extends MemorylessSpec
      ? MemorylessNode
      : Spec extends PmemSpec<infer Sizes>
        ? PmemNode<Sizes>
        : Spec extends MixedSpec<infer Sizes>
          ? MixedNode<Sizes>
          : Spec extends SoftReservedSpec
            ? SoftReservedNode
            : NodeHandle)
/** One for each DIMM that the description names, in its order. */
type DimmsOf<Spec> = Spec extends { readonly dimm_bytes: infer Sizes extends readonly number[] }
  ? { readonly dimms: { readonly [I in keyof Sizes]: DimmDevice } }
  : unknown

type VirtioMemOf<Spec> = Spec extends { readonly virtio_mem_bytes: number }
  ? { readonly virtioMem: VirtioMemDevice }
  : unknown

type VirtioPmemOf<Spec> = Spec extends { readonly virtio_pmem_bytes: number }
  ? { readonly virtioPmem: PmemDevice }
  : unknown

/** What steps that plug take: one DIMM, or a node that has room for just one. */
export type DimmTarget = DimmDevice | { readonly node: number; readonly dimms: readonly DimmDevice[] }

/** What steps on NVDIMMs take: one device, or a node that has just one. */
export type PmemTarget = PmemDevice | PmemNode | MixedNode

/** What steps on dax devices take. */
export type DaxTarget = PmemTarget | HmemDevice

/**
 * Describes a machine. Throws InvalidMachine, naming the node and the rule, before QEMU sees it.
 * Without `distances`, nodes are 20 apart, as the kernel assumes without a SLIT (REMOTE_DISTANCE).
 */
export function machine<const Nodes extends readonly NodeSpec[]>(description: {
  nodes: Nodes
  distances?: string | DistanceMatrix
  hmat?: Hmat
  autoOnline?: AutoOnline
  modules?: readonly string[]
  numa?: 'off'
  slubDebug?: string
}): Machine<Nodes> {
  const { nodes, distances, hmat, autoOnline, modules, numa, slubDebug } = description
  const spec: MachineSpec = {
    nodes,
    distances: parseDistances(distances, nodes.length),
    hmat: hmat ?? null,
    auto_online: autoOnline ?? 'offline',
    modules: modules ?? [],
    ...(numa !== undefined && { numa }),
    ...(slubDebug !== undefined && { slub_debug: slubDebug }),
  }
  validate(spec)
  return { spec, nodes: nodes.map(handleOf) as unknown as Machine<Nodes>['nodes'] }
}

function handleOf(spec: NodeSpec, node: number): NodeHandle {
  const dimms = dimmsOf(spec).map((_bytes, dimm) => ({ node, dimm }))
  return {
    ...kindOf(spec, node),
    ...(dimms.length > 0 && { dimms }),
    ...(virtioMemOf(spec) > 0 && { virtioMem: { node, virtio_mem: true } }),
    ...(virtioPmemOf(spec) > 0 && { virtioPmem: { node, device: pmemOf(spec).length } }),
  }
}

function kindOf(spec: NodeSpec, node: number): NodeHandle {
  switch (spec.kind) {
    case 'dram':
      return { kind: 'dram', node }
    case 'memoryless':
      return { kind: 'memoryless', node }
    case 'soft-reserved': {
      const of = (dax: number): HmemDevice => ({ node, dax })
      return { kind: spec.kind, node, dax: [of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7)] }
    }
    case 'pmem':
    case 'mixed':
      return { kind: spec.kind, node, devices: spec.pmem_bytes.map((_bytes, device) => ({ node, device })) }
  }
}

/** The device that a step means. Throws UsageError for a node with several: name one of `node.devices`. */
export function deviceOf(target: PmemTarget): PmemDevice {
  if ('device' in target) return { node: target.node, device: target.device }
  const [only, ...others] = target.devices
  if (only === undefined || others.length > 0)
    throw new UsageError(`Node ${target.node} has ${target.devices.length} NVDIMMs; name one, as in node.devices[0].`)
  return only
}

/** The DIMM that a step means. Throws UsageError for a node with several: name one of `node.dimms`. */
export function dimmOf(target: DimmTarget): DimmDevice {
  if ('dimm' in target) return { node: target.node, dimm: target.dimm }
  const [only, ...others] = target.dimms
  if (only === undefined || others.length > 0)
    throw new UsageError(
      `Node ${target.node} has room for ${target.dimms.length} DIMMs; name one, as in node.dimms[0].`,
    )
  return only
}
