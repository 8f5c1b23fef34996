import { UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'

/** The formats of a report, each written by one writer over the events of a run. docs/formats.md says what is what in each. */
export const FORMATS = ['pretty', 'tap', 'ktap', 'junit', 'json', 'kcidb', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

/** A report that is asked for: on standard output, or in a file. */
export interface Wish {
  readonly format: Format
  readonly file?: string
}

/** Of words like `tap` and `junit=FILE`. Throws UsageError for a format that does not exist. */
export function parseWish(text: string): Wish {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  const format = FORMATS.find((one) => one === name)
  if (format === undefined) {
    const near = nearest(name, FORMATS)
    throw new UsageError(
      `There is no format ${name}.${near === undefined ? '' : ` Did you mean ${near}?`} There are ${FORMATS.join(', ')}.`,
    )
  }
  if (at < 0) return { format }
  const file = text.slice(at + 1)
  if (file === '') throw new UsageError(`“${text}” names no file. Write ${name}=FILE, or ${name} for standard output.`)
  return { format, file }
}

/**
 * The wishes, with `pretty` on standard output when nothing else is to be there. Throws UsageError when two reports would
 * be written over each other.
 */
export function checkedWishes(wishes: readonly Wish[]): Wish[] {
  const places = wishes.map(({ file }) => file ?? '')
  const twice = places.find((place, index) => places.indexOf(place) < index)
  if (twice !== undefined)
    throw new UsageError(
      `Only one format can be written ${twice === '' ? 'to standard output' : `to ${twice}`}. Write the others as FORMAT=FILE.`,
    )
  return places.includes('') ? [...wishes] : [{ format: 'pretty' }, ...wishes]
}
