import type { Difference } from './data.ts'
import { type Html, html } from './html.ts'
import { pathText } from './words.ts'

/** Tiers first, because one wants to know of them first. */
export function differencesTable(differences: readonly Difference[], more: number): Html {
  const isTier = ({ path }: Difference) => path.includes('/memory_tiering/')
  const ordered = [...differences.filter(isTier), ...differences.filter((difference) => !isTier(difference))]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Differences"><table class="differences"><caption>${differences.length + more} ${differences.length + more === 1 ? 'difference' : 'differences'} between model and kernel</caption>
<thead><tr><th scope="col">path</th><th scope="col">expected</th><th scope="col">observed</th></tr></thead>
<tbody>${ordered.map(
    ({ path, expected, observed, rule }) =>
      html`<tr><th scope="row"><span class="path">${pathText(path)}</span><span class="rule">${rule}</span></th><td class="expected">${valueText(expected)}</td><td class="observed">${valueText(observed)}</td></tr>`,
  )}</tbody></table></div>${more > 0 && html`<p class="quiet">${more} more are left out here; verdict.json of the record has all.</p>`}`
}

function valueText(text: string): Html {
  return text === '' ? html`<i>(empty)</i>` : html`<code>${text}</code>`
}
