import {
  bandwidthOf,
  type Derivation,
  deriveAdistance,
  latencyOf,
  NO_PERFORMANCE,
  type Performance,
} from './abstract-distance.ts'
import type { Era } from './eras.ts'
import { entryOf, type HmatReading, type Locality } from './hmat.ts'
import { type Reason, reason } from './reason.ts'

/** What HMAT says of default DRAM, or why it has no say in abstract distances. None where the machine has no HMAT. */
export function whyDefaultDram({ invalid_at, dram, performance }: HmatReading): Reason[] {
  if (invalid_at !== null)
    return [
      reason(
        'hmat_parse_proximity_domain',
        `HMAT names node ${invalid_at}, and SRAT has no memory there: the kernel ignores the whole table`,
      ),
    ]
  switch (dram.kind) {
    case 'node':
      return [reason('mt_set_default_dram_perf', `default DRAM is node ${dram.node}: ${sums(dram.performance)}`)]
    case 'zero': {
      const lacks = latencyOf(performance[dram.node] ?? NO_PERFORMANCE) === 0 ? 'latency' : 'bandwidth'
      return [
        reason(
          'mt_set_default_dram_perf',
          `node ${dram.node} counts as default DRAM, and HMAT has no ${lacks} for it: HMAT is not asked for distances`,
        ),
      ]
    }
    case 'mismatch': {
      const { node, first, of } = dram
      const [value, wanted] = [node, first].map((which) => performance[which]?.[of] ?? 0)
      return [
        reason(
          'mt_set_default_dram_perf',
          `nodes ${first} and ${node} count as default DRAM, and their ${of.replace('_', ' ')} of ${wanted} and ${value} differs by more than a tenth: HMAT is not asked for distances`,
        ),
      ]
    }
    case 'none':
      return [reason('mt_perf_to_adistance', 'no node counts as default DRAM: HMAT has no answer')]
  }
}

/** How HMAT answers for a node, line by line; `otherwise` is the distance that stays without an answer. */
export function whyHmatAdistance(era: Era, reading: HmatReading | null, node: number, otherwise: number): Reason[] {
  if (reading === null) return [reason('hmat_init', `the machine has no HMAT: the distance stays ${otherwise}`)]
  if (reading.dram.kind !== 'node') return [...whyDefaultDram(reading), stays(otherwise)]
  const performance = reading.performance[node] ?? NO_PERFORMANCE
  const derivation = deriveAdistance(era, performance, reading.dram.performance)
  if (derivation === null) {
    const lacks = latencyOf(performance) === 0 ? 'latency' : 'bandwidth'
    return [
      ...whyPerformance(reading, node),
      reason('mt_perf_to_adistance', `without ${lacks} there is no answer: the distance stays ${otherwise}`),
    ]
  }
  return [...whyPerformance(reading, node), ...whyDerivation(derivation, performance)]
}

function stays(otherwise: number): Reason {
  return reason('hmat_calculate_adistance', `without an answer of HMAT the distance stays ${otherwise}`)
}

function whyPerformance({ table, performance }: HmatReading, node: number): Reason[] {
  const initiator = table.processors[node] ?? null
  if (initiator === null)
    return [
      reason(
        'hmat_update_target_attrs',
        `HMAT names no initiator for node ${node}: the best that it has is ${sums(performance[node] ?? NO_PERFORMANCE)}`,
      ),
    ]
  return table.localities.map((locality) =>
    reason(
      'hmat_normalize',
      `${locality.type.replace('-', ' ')} from node ${initiator}: ${entryWords(locality, initiator, node)}`,
    ),
  )
}

function entryWords(locality: Locality, initiator: number, target: number): string {
  const entry = locality.entries[locality.initiators.indexOf(initiator)]?.[target] ?? 0
  const [unit, shown] = locality.type.endsWith('latency') ? ['ps', 'ns'] : ['MB/s', 'MB/s']
  const value = entryOf(locality, initiator, target)
  if (entry === 0) return 'no entry, which is 0'
  const product = `entry ${entry} × ${locality.base} ${unit} = ${value} ${shown}`
  return value === 0 ? `${product}, too large for 32 bits` : product
}

function whyDerivation({ start, operations, adistance }: Derivation, performance: Performance): Reason[] {
  const formula = operations.map(({ sign, operand }) => `${sign} ${operand}`).join(' ')
  const steps = operations.map(({ sign, operand, exact, result }) => {
    const lost = exact === result ? '' : ` (${exact} does not fit)`
    return `${sign} ${operand} = ${result}${lost}`
  })
  const outcome = operations.at(-1)?.result
  const cast = outcome === BigInt(adistance) ? '' : `, as an int ${adistance}`
  return [
    reason('mt_perf_to_adistance', `for reading and writing ${sums(performance)}`),
    reason('mt_perf_to_adistance', `abstract distance = ${start} ${formula}, from left to right, remainders dropped`),
    reason('mt_perf_to_adistance', `${start} ${steps.join('; ')}${cast}`),
  ]
}

function sums(performance: Performance): string {
  const { read_latency, write_latency, read_bandwidth, write_bandwidth } = performance
  return [
    `latency ${read_latency} + ${write_latency} = ${latencyOf(performance)} ns`,
    `bandwidth ${read_bandwidth} + ${write_bandwidth} = ${bandwidthOf(performance)} MB/s`,
  ].join(', ')
}
