import { formatNodeSet } from '../../../base/node-set.ts'
import { MiB } from '../../../base/size.ts'
import type { VerdictWord } from './data.ts'
import { type Html, html } from './html.ts'

/** `840 ms`, `5.8 s`, `2 min 5 s`. */
export function timeWords(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `2`, `2-3`, `1 or 2` where the kernel is free to choose, `none`. */
export function targetWords(targets: readonly (readonly number[])[] | null): string {
  if (targets === null) return 'not logged'
  const sets = targets.filter((set) => set.length > 0)
  return sets.length === 0 ? 'none' : sets.map((set) => formatNodeSet(set)).join(' or ')
}

/** `16 MiB`, `12 to 16 MiB`; nothing for none. */
export function useWords(used: readonly [number, number] | null): string {
  if (used === null) return ''
  const [least, most] = used.map((bytes) => Math.round(bytes / MiB))
  if (!most) return ''
  return least === most ? `${most} MiB` : `${least} to ${most} MiB`
}

/** A verdict is a word and a sign, so that no colour is needed to tell them. */
const SIGNS: Readonly<Record<VerdictWord, string>> = {
  ...{ pass: '✓', fail: '✗', splat: '✗', crash: '✗', hang: '✗', known: '≈', broken: '?', skip: '–' },
}

export function verdictBadge(verdict: VerdictWord, text: string = verdict): Html {
  return html`<span class="badge ${verdict}"><span class="sign" aria-hidden="true">${SIGNS[verdict]}</span>${text}</span>`
}

/** A path that may be broken behind its slashes, and nowhere else while there is room. */
export function pathText(path: string): Html {
  const parts = path.split(/(?<=\/)/)
  return html`${parts.map((part, index) => (index === 0 ? part : html`<wbr>${part}`))}`
}
