import { InvalidMachine } from '../base/errors.ts'

/** distances[from][to], as in ACPI's SLIT: 10 is the node itself. */
export type DistanceMatrix = readonly (readonly number[])[]

/** What the kernel assumes without a SLIT. Source: include/linux/topology.h. */
export const LOCAL_DISTANCE = 10
export const REMOTE_DISTANCE = 20

/**
 * A matrix from the table that `numactl --hardware` prints (a header row, then `0: 10 20 …`), or from rows of numbers.
 * Throws InvalidMachine for text that is no table. The values are judged by validate().
 */
export function parseDistances(given: string | DistanceMatrix | undefined, nodes: number): DistanceMatrix {
  if (given === undefined)
    return range(nodes).map((from) => range(nodes).map((to) => (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE)))
  if (typeof given !== 'string') return given
  const rows = given.split('\n').filter((line) => /^\s*\d+\s*:/.test(line))
  if (rows.length === 0)
    throw new InvalidMachine('distances: no row like “0: 10 20” was found; write the table as numactl --hardware does.')
  return rows.map((line, index) => {
    const [label, values = ''] = line.split(':')
    if (Number(label) !== index)
      throw new InvalidMachine(`distances: row ${index} is labelled ${label?.trim()}; rows go by node, from 0.`)
    return values.trim().split(/\s+/).map(Number)
  })
}

function range(count: number): number[] {
  return [...Array(count).keys()]
}
