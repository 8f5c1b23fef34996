import type { CellDetail, Repeat } from './data.ts'
import { type Html, html } from './html.ts'
import { linkTo, type Place } from './place.ts'
import { timeWords, verdictBadge } from './words.ts'

/** The ways in which repetitions ended, each with a link to the run that is shown of it. */
export function outcomesSection({ repeats, details }: CellDetail, place: Place): Html {
  return html`<section class="outcomes" aria-labelledby="outcomes-title"><h2 id="outcomes-title">Flaky: ${repeats.length} repetitions ended in ${details.length} ways</h2>
<ul>${details.map((_run, detail) => {
    const own = repeats.filter((repeat) => repeat.detail === detail)
    const [first] = own
    if (first === undefined) return null
    const here = detail === place.detail
    const at = first.step === null ? '' : `, at step ${first.step}`
    return html`<li><a href="${linkTo({ key: place.key, detail, step: null })}"${here && html` aria-current="true"`}>${verdictBadge(first.verdict, `${own.length} ${first.verdict}`)}</a> ${rangeWords(own)}${at}${here && html` <span class="quiet">shown here</span>`}</li>`
  })}</ul></section>`
}

function rangeWords(repeats: readonly Repeat[]): string {
  const times = repeats.map(({ total_ms }) => total_ms)
  const [least, most] = [timeWords(Math.min(...times)), timeWords(Math.max(...times))]
  return least === most ? least : `${least} to ${most}`
}

/** Every repetition, with the time that it took and where its record is. */
export function repeatsSection({ repeats }: CellDetail): Html {
  const longest = Math.max(1, ...repeats.map(({ total_ms }) => total_ms))
  return html`<section aria-labelledby="repeats-title"><h2 id="repeats-title">Repetitions</h2>
<details><summary>All ${repeats.length}, ${rangeWords(repeats)}</summary>
<p class="quiet">Of those that ended alike, with the same verdict at the same step, the page has the first whole.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Repetitions"><table class="repeats"><thead><tr><th scope="col">#</th><th scope="col">verdict</th><th scope="col">at step</th><th scope="col" class="number">time</th><td></td><th scope="col">began</th><th scope="col">record</th></tr></thead>
<tbody>${repeats.map((repeat, index) => repeatRow(repeat, index, longest))}</tbody></table></div></details></section>`
}

function repeatRow({ verdict, step, total_ms, start, record, reason }: Repeat, index: number, longest: number): Html {
  return html`<tr title="${reason}"><th scope="row">${index + 1}</th><td>${verdictBadge(verdict)}</td><td>${step ?? '–'}</td><td class="number">${timeWords(total_ms)}</td><td><svg class="bar" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true"><rect width="${Math.round((100 * total_ms) / longest)}" height="8" rx="2"/></svg></td><td>${start === 'restore' ? 'restored' : 'booted'}</td><td class="path">${record}</td></tr>`
}
