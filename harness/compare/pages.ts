import type { Pages } from '../model/workload.ts'
import type { Difference } from './expectation.ts'

export type PagesByNode = ReadonlyMap<number, number>

export function widened({ least, most }: Pages, by: number): Pages {
  return { least: Math.max(0, least - by), most: most + by }
}

/** The difference of a count from what is allowed; none when it is. */
export function outside(path: string, observed: number, { least, most }: Pages, rule: string): Difference[] {
  if (least <= observed && observed <= most) return []
  const expected = least === most ? `${least} pages` : `${least} to ${most} pages`
  return [{ path, expected, observed: `${observed} pages`, rule }]
}
