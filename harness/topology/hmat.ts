import { InvalidMachine } from '../base/errors.ts'
import type { HmatTable, Locality } from '../model/hmat.ts'
import { cpusOf, type NodeSpec } from './nodes.ts'

/**
 * ACPI's HMAT, memory hierarchy only: what an initiator (a node with CPUs) sees of a target (a node with memory),
 * reading and writing alike. Units as QEMU's `-numa hmat-lb` takes them: latency in nanoseconds, bandwidth in MiB/s,
 * which HMAT and Linux call MB/s; 0 is not said.
 */
export interface HmatEntry {
  readonly initiator: number
  readonly target: number
  readonly latency_ns: number
  readonly bandwidth_mibps: number
}
export type Hmat = readonly HmatEntry[]

/** An entry has 16 bits, and all ones mean that there is no path. */
const MAX_ENTRY = 0xfffe
/** Latencies are in picoseconds. */
const PS_PER_NS = 1000

/** The initiator that QEMU is told for a node without CPUs: the first that the rows name; undefined without a row. */
export function initiatorOf(hmat: Hmat, node: number): number | undefined {
  return hmat.find(({ target }) => target === node)?.initiator
}

/**
 * The table that QEMU builds. A node with CPUs is its own initiator.
 * Throws InvalidMachine, naming the pair, for values that the table has no bits for.
 * Source: QEMU 7.2 and 10.0, hw/acpi/hmat.c, hmat_build_table_structs(); hw/core/machine.c, machine_numa_finish_cpu_init().
 */
export function hmatTable(nodes: readonly NodeSpec[], hmat: Hmat): HmatTable {
  const initiators = nodes.flatMap((node, index) => (cpusOf(node) === '' ? [] : [index]))
  const rows = (type: Locality['type'], base: number, value: (entry: HmatEntry) => number): Locality[] => {
    if (base === 0) return []
    const entries = initiators.map((from) =>
      nodes.map((_node, to) => {
        const entry = hmat.find(({ initiator, target }) => initiator === from && target === to)
        return entry === undefined ? 0 : value(entry)
      }),
    )
    return [{ type, base, initiators, entries }]
  }
  const latency = latencyBase(hmat)
  const bandwidth = bandwidthBase(hmat)
  return {
    processors: nodes.map((node, index) => (cpusOf(node) === '' ? (initiatorOf(hmat, index) ?? null) : index)),
    localities: [
      ...rows('access-latency', latency * PS_PER_NS, ({ latency_ns }) => latency_ns / latency),
      ...rows('access-bandwidth', bandwidth, ({ bandwidth_mibps }) => bandwidth_mibps / bandwidth),
    ],
  }
}

/**
 * The unit of latencies in nanoseconds: the largest power of ten that divides all; 0 when none is said.
 * QEMU checks a latency against the unit that it has before it, and cuts off what does not fit in the end, without a
 * word: alone, 70001 becomes 4465. The rule here is the one that QEMU means.
 * Source: hw/core/numa.c, parse_numa_hmat_lb(); hw/acpi/hmat.c, build_hmat_lb(), where the unit in ps has 32 bits.
 */
function latencyBase(hmat: Hmat): number {
  const said = hmat.filter(({ latency_ns }) => latency_ns > 0)
  if (said.length === 0) return 0
  const base = Math.min(...said.map(({ latency_ns }) => powerOfTenIn(latency_ns)))
  for (const { initiator, target, latency_ns } of said)
    if (latency_ns / base > MAX_ENTRY)
      throw new InvalidMachine(
        `hmat: ${initiator} to ${target}: ${latency_ns} ns is more than ${MAX_ENTRY} times ${base} ns, the unit that all latencies share; HMAT has 16 bits for each. Round it, or the others.`,
      )
  if (base * PS_PER_NS > 0xffff_ffff)
    throw new InvalidMachine(
      `hmat: the latencies share a unit of ${base} ns, which in picoseconds is more than QEMU's 32 bits hold.`,
    )
  return base
}

/**
 * The unit of bandwidths in MiB/s: the largest power of two that divides all; 0 when none is said.
 * Source: hw/core/numa.c, parse_numa_hmat_lb(), which counts in bytes, and allows the same.
 */
function bandwidthBase(hmat: Hmat): number {
  const said = hmat.filter(({ bandwidth_mibps }) => bandwidth_mibps > 0)
  if (said.length === 0) return 0
  const base = Math.min(...said.map(({ bandwidth_mibps }) => powerOfTwoIn(bandwidth_mibps)))
  for (const { initiator, target, bandwidth_mibps } of said)
    if (bandwidth_mibps / base > MAX_ENTRY)
      throw new InvalidMachine(
        `hmat: ${initiator} to ${target}: ${bandwidth_mibps} MiB/s is more than ${MAX_ENTRY} times ${base} MiB/s, the unit that all bandwidths share; HMAT has 16 bits for each. Round it, or the others.`,
      )
  if (base > 0xffff_ffff)
    throw new InvalidMachine(`hmat: the bandwidths share a unit of ${base} MiB/s, which is more than 32 bits hold.`)
  return base
}

function powerOfTenIn(value: number): number {
  let base = 1
  while (value % (base * 10) === 0) base *= 10
  return base
}

function powerOfTwoIn(value: number): number {
  let base = 1
  while (value % (base * 2) === 0) base *= 2
  return base
}
