import { comparisonSection } from './comparison.ts'
import type { Cell, Change, KernelHead, Outline, Row, VerdictWord } from './data.ts'
import { type Html, html } from './html.ts'
import { countWords, timeWords, verdictBadge } from './words.ts'

const ORDER: readonly VerdictWord[] = ['fail', 'splat', 'crash', 'hang', 'broken', 'known', 'pass', 'skip']

/** Changes that a cell has as a mark; the rest is seen at once, or is none. */
const SHOWN: ReadonlySet<Change> = new Set(['new failure', 'fixed', 'flaky', 'slower', 'could not tell'])

/** The page before a run is opened: counts, what to filter by, the comparison, and scenario × kernel. */
export function matrixView(outline: Outline): Html {
  const { rows, kernels, comparison } = outline
  const size = `${countWords(rows.length, 'scenario')} × ${countWords(kernels.length, 'kernel')}`
  return html`<header class="top">
  <p class="brand">tierlab</p>
  <h1 id="title" tabindex="-1">${size}</h1>
  <p class="quiet">Memory tiers of real kernels, compared with a reference model after every step. ${madeAt(outline)}</p>
</header>
${outline.unread.length > 0 && html`<section class="notice" aria-label="Runs that could not be read"><ul>${outline.unread.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`}
${filterForm(outline)}
${comparison && comparisonSection(comparison)}
<div class="scroll" role="region" aria-labelledby="title" tabindex="0">
<table class="matrix">
<caption class="unseen">The verdict on each scenario, on each kernel. A cell opens its run; arrow keys go from cell to cell.</caption>
<thead><tr><th scope="col">scenario</th>${kernels.map((kernel, at) => kernelHead(kernel, rows, at))}</tr></thead>
${foldersOf(rows).map(([folder, own]) => folderBody(folder, own, kernels))}
</table>
</div>
<p id="none" class="quiet" hidden>No scenario is left by this filter. <button type="button" data-clear>Show all</button></p>`
}

function madeAt({ made_at, tierlab }: Outline): Html {
  return html`Made <time datetime="${made_at}">${made_at.slice(0, 16).replace('T', ' ')} UTC</time> by tierlab ${tierlab}.`
}

function filterForm({ rows }: Outline): Html {
  const tagged = rows.flatMap((row) => row.cells.flatMap((cell) => (cell === null ? [] : tagsOf(cell))))
  const tags = [...ORDER, 'flaky', ...SHOWN].filter((tag, index, all) => all.indexOf(tag) === index)
  const counted = tags.map((tag) => [tag, tagged.filter((other) => other === tag).length] as const)
  return html`<form class="filter" role="search" aria-label="Filter">
<label for="text">Filter</label>
<input id="text" type="search" placeholder="scenario, folder or file" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
<fieldset><legend class="unseen">Only with the verdict</legend>
${counted
  .filter(([, count]) => count > 0)
  .map(
    ([tag, count]) =>
      html`<button type="button" class="tag ${tag.replaceAll(' ', '-')}" data-tag="${tag}" aria-pressed="false">${count} ${tag}</button>`,
  )}
</fieldset>
<output id="shown" for="text" aria-live="polite">${countWords(rows.length, 'scenario')}</output>
</form>`
}

function kernelHead({ name, release, era, accel }: KernelHead, rows: readonly Row[], at: number): Html {
  const cells = rows.flatMap((row) => row.cells[at] ?? []).filter(({ skipped }) => skipped === null)
  const good = cells.filter(({ counts }) => counts.every(([verdict]) => verdict === 'pass')).length
  return html`<th scope="col"><span class="kernel">${name}</span> <span class="quiet">${release}<br>era ${era}, ${accel}, ${good} of ${cells.length} pass</span></th>`
}

/** Rows by folder, in their order. */
function foldersOf(rows: readonly Row[]): [string, Row[]][] {
  const folders = new Map<string, Row[]>()
  for (const row of rows) folders.set(row.folder, [...(folders.get(row.folder) ?? []), row])
  return [...folders]
}

function folderBody(folder: string, rows: readonly Row[], kernels: readonly KernelHead[]): Html {
  return html`<tbody>
<tr class="folder"><th scope="rowgroup" colspan="${kernels.length + 1}">${folder || 'scenarios'}</th></tr>
${rows.map((row) => rowOf(row, kernels))}
</tbody>`
}

function rowOf({ name, file, cells }: Row, kernels: readonly KernelHead[]): Html {
  const tags = new Set(cells.flatMap((cell) => (cell === null ? [] : tagsOf(cell))))
  return html`<tr data-text="${`${name} ${file}`.toLowerCase()}" data-tags="${[...tags].join('|')}"><th scope="row" title="${file}">${name}</th>${cells.map((cell, at) => cellOf(cell, name, kernels[at]?.name ?? ''))}</tr>
`
}

/** What one can ask for: its verdicts, whether it is flaky, and what became of it. Each once. */
function tagsOf({ counts, flaky, change }: Cell): string[] {
  const verdicts = counts.map(([verdict]): string => verdict)
  return [...new Set([...verdicts, ...(flaky ? ['flaky'] : []), ...(change === null ? [] : [change])])]
}

function cellOf(cell: Cell | null, scenario: string, kernel: string): Html {
  if (cell === null) return html`<td class="none"><span aria-label="not run">·</span></td>`
  if (cell.skipped !== null) return html`<td class="none"><span class="quiet" title="${cell.skipped}">skip</span></td>`
  const runs = cell.counts.reduce((sum, [, count]) => sum + count, 0)
  const worst = ORDER.find((verdict) => cell.counts.some(([name]) => name === verdict)) ?? 'pass'
  const text = runs === 1 ? worst : cell.counts.map(([verdict, count]) => `${count} ${verdict}`).join(', ')
  const marks = [
    ...(cell.flaky ? ['flaky'] : []),
    ...(cell.change !== null && SHOWN.has(cell.change) && !(cell.flaky && cell.change === 'flaky')
      ? [cell.change]
      : []),
  ]
  if (cell.chunk === null)
    return html`<td class="none"><span title="There is no record of it.">${verdictBadge(worst, text)}</span></td>`
  const label = [`${text}: ${scenario} on ${kernel}`, ...marks].join(', ')
  return html`<td><a class="cell" href="#${cell.key}" aria-label="${label}" data-key="${cell.key}" data-chunk="${cell.chunk}">${verdictBadge(worst, text)}${marks.map((mark) => html` <span class="mark">${mark}</span>`)}${cell.total_ms !== null && html` <span class="time">${timeWords(cell.total_ms)}</span>`}</a></td>`
}
