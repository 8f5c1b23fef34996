import type { Verdict } from '../run/verdict.ts'

/**
 * What a failure is told from another by: the kind, and where it was seen, without numbers. A shrunken run must have the
 * signature of the whole; of several runs with one signature the first is looked into.
 */
export function signatureOf({ verdict, reason, differences, excerpt }: Verdict): string {
  switch (verdict) {
    case 'fail': {
      const places = new Set(differences.map(({ path, rule }) => `${withoutNumbers(path)} (${rule})`))
      return [verdict, ...(places.size > 0 ? [...places].sort().slice(0, 2) : [withoutNumbers(reason)])].join(': ')
    }
    case 'splat':
    case 'crash':
      return `${verdict}: ${placeIn(excerpt) ?? withoutNumbers(reason)}`
    default:
      return `${verdict}: ${withoutNumbers(reason)}`
  }
}

/** The function at which the kernel complained, by its own words: `RIP: 0010:memtier_hotplug_callback+0x1c4/0x200`. */
function placeIn(excerpt: readonly string[]): string | undefined {
  const words = excerpt.find((line) => !line.includes('cut here')) ?? ''
  const place = excerpt.map((line) => /RIP: [0-9a-f]+:([\w.]+)\+0x/.exec(line)?.[1]).find((name) => name !== undefined)
  return place === undefined ? undefined : `${withoutNumbers(words).split(':')[0]} in ${place}`
}

function withoutNumbers(text: string): string {
  return text
    .replaceAll(/“[^”]*”/g, '“…”')
    .replaceAll(/`[^`]*`/g, '`…`')
    .replaceAll(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+/g, 'N')
}
