import type { RunDetail } from './data.ts'

/** Where the page is: a cell, which of its runs, and which of the run's steps; null: at the one worth seeing first. */
export interface Place {
  /** `kernel/scenario`. */
  readonly key: string
  readonly step: number | null
  /** Which of the runs that ended differently, from 0. */
  readonly detail: number
}

/** `#kernel/scenario/step`, and behind it which of several runs, from 1, if it is not the first. */
export function linkTo({ key, step, detail }: Place): string {
  const parts = [key, ...(step === null && detail === 0 ? [] : [step ?? '']), ...(detail > 0 ? [detail + 1] : [])]
  return `#${parts.join('/')}`
}

/** The place of a link; null for the matrix. What makes no sense in it is as if it were not there. */
export function placeOf(hash: string): Place | null {
  const [kernel = '', scenario = '', step = '', detail = ''] = decoded(hash.replace(/^#/, '')).split('/')
  if (kernel === '' || scenario === '') return null
  const number = (text: string) => (/^\d{1,6}$/.test(text) ? Number(text) : null)
  return { key: `${kernel}/${scenario}`, step: number(step), detail: Math.max(0, (number(detail) ?? 1) - 1) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The step worth seeing first: where it went wrong, else the last. */
export function firstStep({ step, steps }: RunDetail): number {
  return Math.max(0, Math.min(step ?? steps.length - 1, steps.length - 1))
}
