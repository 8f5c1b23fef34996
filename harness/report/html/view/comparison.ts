import type { Change, Comparison, Entry } from './data.ts'
import { type Html, html } from './html.ts'

/** In the order in which one wants to know of them; unfolded are those that somebody must look at. */
const SECTIONS: readonly { readonly change: Change; readonly what: string; readonly open: boolean }[] = [
  { change: 'new failure', what: 'New failures', open: true },
  { change: 'flaky', what: 'Flaky', open: true },
  { change: 'could not tell', what: 'Could not tell', open: true },
  { change: 'fixed', what: 'Fixed', open: true },
  { change: 'slower', what: 'Slower', open: true },
  { change: 'still failing', what: 'Still failing', open: false },
  { change: 'added', what: 'Added', open: false },
]

export function comparisonSection({ with: what, entries, gone }: Comparison): Html {
  const sections = SECTIONS.map((section) => ({
    ...section,
    own: entries.filter(({ change }) => change === section.change),
  })).filter(({ own }) => own.length > 0)
  return html`<section class="comparison" aria-labelledby="compared">
<h2 id="compared">Compared with ${what}</h2>
${sections.length + gone.length === 0 && html`<p>Nothing has changed.</p>`}
<div class="changes-list">${sections.map(
    ({ what: name, open, own }) =>
      html`<details ${open && OPEN}><summary>${name} <span class="count">${own.length}</span></summary><ul>${own.map(entryOf)}</ul></details>`,
  )}
${gone.length > 0 && html`<details><summary>Gone <span class="count">${gone.length}</span></summary><ul>${gone.map((words) => html`<li>${words}</li>`)}</ul></details>`}</div>
</section>`
}

const OPEN: Html = html`open`

function entryOf({ key, scenario, kernel, words }: Entry): Html {
  return html`<li><a href="#${key}">${scenario}</a> on ${kernel}: <span class="words">${words}</span></li>`
}
