/** Markup: made by `html` alone, so that no text becomes markup by accident. */
export interface Html {
  readonly markup: string
}

type Value = Html | string | number | null | false | readonly Value[]

/** Control characters and those that turn the direction of text: what a guest wrote is shown, not obeyed. */
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text is escaped, for content and for attributes in quotes; lists are joined; null and false are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: parts.map((part, index) => (index === 0 ? part : `${markupOf(values[index - 1])}${part}`)).join('') }
}

export const NOTHING: Html = { markup: '' }

export function escaped(text: string): string {
  return text.replaceAll(UNSEEN, '·').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

function markupOf(value: Value | undefined): string {
  if (value === null || value === false || value === undefined) return ''
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map(markupOf).join('')
}
