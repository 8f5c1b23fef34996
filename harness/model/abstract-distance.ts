import type { Era } from './eras.ts'

/**
 * Performance of a node's memory as the nearest CPUs see it: nanoseconds and MB/s, each an unsigned int of 32 bits;
 * 0 where nobody said. Source: include/linux/node.h, struct node_hmem_attrs (6.7), struct access_coordinate (6.8).
 */
export interface Performance {
  readonly read_latency: number
  readonly write_latency: number
  readonly read_bandwidth: number
  readonly write_bandwidth: number
}

export const NO_PERFORMANCE: Performance = {
  read_latency: 0,
  write_latency: 0,
  read_bandwidth: 0,
  write_bandwidth: 0,
}

/** The sum of reading and writing, which is what counts, in 32 bits. */
export function latencyOf({ read_latency, write_latency }: Performance): number {
  return (read_latency + write_latency) >>> 0
}

export function bandwidthOf({ read_bandwidth, write_bandwidth }: Performance): number {
  return (read_bandwidth + write_bandwidth) >>> 0
}

/** One multiplication or division: what it would give if integers had no end, and what it gives. */
export interface Operation {
  readonly sign: '×' | '/'
  readonly operand: bigint
  readonly exact: bigint
  readonly result: bigint
}

/** How an abstract distance comes about: the operations in the kernel's order, and their outcome as an int. */
export interface Derivation {
  readonly start: bigint
  readonly operations: readonly Operation[]
  readonly adistance: number
}

/**
 * The abstract distance of a node from its performance and that of default DRAM. In C, from left to right,
 * `DRAM × latency / latency of DRAM × bandwidth of DRAM / bandwidth`; each division drops the remainder. DRAM was an
 * int, so that all is unsigned and of 32 bits, and too large a product wraps; with a long it is signed, of 64 bits.
 * Null, EINVAL to the kernel, where the node has no latency or no bandwidth.
 * Source: mm/memory-tiers.c, mt_perf_to_adistance() (6.7; a long since 6.17 and 6.12.43).
 */
export function deriveAdistance(era: Era, node: Performance, dram: Performance): Derivation | null {
  const [latency, bandwidth] = [latencyOf(node), bandwidthOf(node)]
  if (latency === 0 || bandwidth === 0) return null
  const start = BigInt(era.adistance_dram)
  const factors = [
    { sign: '×', operand: latency },
    { sign: '/', operand: latencyOf(dram) },
    { sign: '×', operand: bandwidthOf(dram) },
    { sign: '/', operand: bandwidth },
  ] as const
  let value = start
  const operations = factors.map(({ sign, operand: number }): Operation => {
    const operand = BigInt(number)
    const exact = sign === '×' ? value * operand : value / operand
    value = era.adistance_bits === 64 ? BigInt.asIntN(64, exact) : BigInt.asUintN(32, exact)
    return { sign, operand, exact, result: value }
  })
  return { start, operations, adistance: Number(BigInt.asIntN(32, value)) }
}

/** Only the outcome. */
export function perfToAdistance(era: Era, node: Performance, dram: Performance): number | null {
  return deriveAdistance(era, node, dram)?.adistance ?? null
}

/** Whose performance is that of default DRAM, or why nobody's is, so that HMAT has no say in abstract distances. */
export type DefaultDram =
  | { readonly kind: 'node'; readonly node: number; readonly performance: Performance }
  /** A node lacks latency or bandwidth. The kernel says nothing. */
  | { readonly kind: 'zero'; readonly node: number }
  /** A node differs from the first by more than a tenth. The kernel logs both. */
  | { readonly kind: 'mismatch'; readonly node: number; readonly first: number; readonly of: keyof Performance }
  | { readonly kind: 'none' }

/**
 * The first node gives default DRAM's performance, and every other must be like it; the first problem ends it.
 * `nodes` are the era's default DRAM nodes, in ascending order.
 * Source: mm/memory-tiers.c, mt_set_default_dram_perf() (6.7), as drivers/acpi/numa/hmat.c calls it.
 */
export function defaultDram(
  nodes: readonly { readonly node: number; readonly performance: Performance }[],
): DefaultDram {
  const [first] = nodes
  if (first === undefined) return { kind: 'none' }
  for (const { node, performance } of nodes) {
    if (latencyOf(performance) === 0 || bandwidthOf(performance) === 0) return { kind: 'zero', node }
    const of = FIELDS.find((field) => !isNear(performance[field], first.performance[field]))
    if (of !== undefined) return { kind: 'mismatch', node, first: first.node, of }
  }
  return { kind: 'node', ...first }
}

const FIELDS = ['read_latency', 'write_latency', 'read_bandwidth', 'write_bandwidth'] as const

/**
 * `abs(value - wanted) * 10 <= wanted`, where abs() makes an int of the unsigned difference, and the int times ten is
 * compared as unsigned: differences of 2^31/10 and more wrap. Source: as above; include/linux/math.h, abs().
 */
function isNear(value: number, wanted: number): boolean {
  const difference = (value - wanted) | 0
  const magnitude = difference < 0 ? -difference | 0 : difference
  return Math.imul(magnitude, 10) >>> 0 <= wanted
}
