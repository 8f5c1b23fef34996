import {
  type DefaultDram,
  defaultDram,
  NO_PERFORMANCE,
  type Performance,
  perfToAdistance,
} from './abstract-distance.ts'
import type { Era } from './eras.ts'

export type DataType =
  | 'access-latency'
  | 'read-latency'
  | 'write-latency'
  | 'access-bandwidth'
  | 'read-bandwidth'
  | 'write-bandwidth'

/**
 * A System Locality structure of memory, ACPI 6.3: `base` is in picoseconds or MB/s, an entry times it is the value;
 * `entries[i][t]` is what initiator `initiators[i]` sees of target `t`; nodes stand for their proximity domains.
 */
export interface Locality {
  readonly type: DataType
  readonly base: number
  readonly initiators: readonly number[]
  readonly entries: readonly (readonly number[])[]
}

/** HMAT of revision 2. `processors[node]` is the initiator that its Proximity Domain structure names, if any. */
export interface HmatTable {
  readonly processors: readonly (number | null)[]
  readonly localities: readonly Locality[]
}

/** What the kernel makes of the table. */
export interface HmatReading {
  readonly table: HmatTable
  /** A node that HMAT names, and SRAT has no memory of: the kernel ignores the whole table. */
  readonly invalid_at: number | null
  /** Access class 1, by node. */
  readonly performance: readonly Performance[]
  readonly dram: DefaultDram
}

/** What HMAT is read against: which nodes SRAT gives memory, which have some at boot, which have CPUs. */
export interface HmatNodes {
  readonly targets: readonly number[]
  readonly boot: readonly number[]
  readonly cpus: readonly number[]
}

/**
 * Reads a table: the performance of every node, and default DRAM's.
 * Source: drivers/acpi/numa/hmat.c, hmat_init(), hmat_parse_proximity_domain(), hmat_set_default_dram_perf() (6.7).
 */
export function readHmat(era: Era, table: HmatTable, { targets, boot, cpus }: HmatNodes): HmatReading {
  const invalid = table.processors.findIndex((_processor, node) => !targets.includes(node))
  if (invalid >= 0)
    return {
      table,
      invalid_at: invalid,
      performance: table.processors.map(() => NO_PERFORMANCE),
      dram: { kind: 'none' },
    }
  const performance = table.processors.map((_processor, node) => performanceOf(table, node, 1, cpus))
  const nodes = boot.filter((node) => era.default_dram_nodes === 'all' || cpus.includes(node))
  return {
    table,
    invalid_at: null,
    performance,
    dram: defaultDram(nodes.map((node) => ({ node, performance: performance[node] ?? NO_PERFORMANCE }))),
  }
}

/**
 * What HMAT answers when it is asked for a node's abstract distance; null where it has no answer, and the default of
 * who asked stays. Source: drivers/acpi/numa/hmat.c, hmat_calculate_adistance() (6.7).
 */
export function hmatAdistance(era: Era, reading: HmatReading | null, node: number): number | null {
  if (reading?.dram.kind !== 'node') return null
  return perfToAdistance(era, reading.performance[node] ?? NO_PERFORMANCE, reading.dram.performance)
}

/**
 * `nodeN/access0` and `access1` in sysfs: as any initiator sees the node, and as one with CPUs does. The initiator that
 * the table names decides where it counts; without one, the best is searched for each kind of value.
 * Source: drivers/acpi/numa/hmat.c, hmat_update_target() and hmat_update_target_attrs() (6.7).
 */
export function performanceOf(table: HmatTable, target: number, access: 0 | 1, cpus: readonly number[]): Performance {
  const processor = table.processors[target] ?? null
  const known =
    processor === null
      ? []
      : table.localities.map(({ type, ...rest }) => ({ type, value: entryOf({ type, ...rest }, processor, target) }))
  if (processor !== null && (access === 0 || cpus.includes(processor)))
    return known.reduce((performance, { type, value }) => withValue(performance, type, value), NO_PERFORMANCE)
  return searchBest(table, target, access, cpus)
}

/**
 * For the latency of writing, of reading, then for the bandwidths, the best value of the initiators that were best at
 * all before. A table of both, reading and writing, is looked at for each.
 */
function searchBest(table: HmatTable, target: number, access: 0 | 1, cpus: readonly number[]): Performance {
  let left = [...new Set(table.localities.flatMap(({ initiators }) => initiators))].sort((a, b) => a - b)
  let performance = NO_PERFORMANCE
  for (const slot of ['write-latency', 'read-latency', 'write-bandwidth', 'read-bandwidth'] as const) {
    const locality = table.localities.findLast(({ type }) => type === slot || type === slot.replace(/^\w+/, 'access'))
    if (locality === undefined) continue
    if (access === 1) left = left.filter((node) => cpus.includes(node))
    const values = left.map((node) => entryOf(locality, node, target))
    const given = values.filter((value) => value > 0)
    if (given.length === 0) continue
    const best = slot.endsWith('latency') ? Math.min(...given) : Math.max(...given)
    left = left.filter((_node, index) => values[index] === best)
    performance = withValue(performance, locality.type, best)
  }
  return performance
}

/** One entry, as a number that sysfs would show; 0 for none. */
export function entryOf({ type, base, initiators, entries }: Locality, initiator: number, target: number): number {
  return normalize(entries[initiators.indexOf(initiator)]?.[target] ?? 0, base, type)
}

/**
 * An entry times the base unit, in 32 bits: 0 for none, for the mark of what cannot be reached, and for what is too
 * large. Latency goes from picoseconds to nanoseconds, rounded up by adding 999 first, which wraps too.
 * Source: drivers/acpi/numa/hmat.c, hmat_normalize() (5.2), for revision 2; DIV_ROUND_UP().
 */
export function normalize(entry: number, base: number, type: DataType): number {
  if (entry === 0 || entry === 0xffff || base > Math.floor(0xffff_ffff / entry)) return 0
  return type.endsWith('latency') ? Math.floor(((entry * base + 999) >>> 0) / 1000) : entry * base
}

/** Source: drivers/acpi/numa/hmat.c, hmat_update_target_access() (5.5). */
function withValue(performance: Performance, type: DataType, value: number): Performance {
  switch (type) {
    case 'access-latency':
      return { ...performance, read_latency: value, write_latency: value }
    case 'read-latency':
      return { ...performance, read_latency: value }
    case 'write-latency':
      return { ...performance, write_latency: value }
    case 'access-bandwidth':
      return { ...performance, read_bandwidth: value, write_bandwidth: value }
    case 'read-bandwidth':
      return { ...performance, read_bandwidth: value }
    case 'write-bandwidth':
      return { ...performance, write_bandwidth: value }
  }
}
