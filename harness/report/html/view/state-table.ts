import { formatSize } from '../../../base/size.ts'
import type { State, StepDetail } from './data.ts'
import { type Html, html } from './html.ts'
import { agree } from './lanes.ts'
import { targetWords, useWords } from './words.ts'

/** The same state in words, a row for each node; where kernel and model differ, both. */
export function stateTable({ observed, expected }: StepDetail): Html {
  const shown = observed ?? expected
  const worked = shown.nodes.some(({ used_bytes }) => used_bytes !== null)
  return html`<table class="state"><caption class="unseen">Nodes after this step</caption>
<thead><tr><th scope="col">node</th><th scope="col">tier</th><th scope="col">memory online</th><th scope="col">offline</th>${worked && html`<th scope="col">workload</th>`}<th scope="col">CPUs</th><th scope="col">demotes to</th></tr></thead>
<tbody>${shown.nodes.map(({ node, online, online_bytes, offline_bytes, used_bytes, has_cpu, targets }) => {
    const wanted = expected.nodes[node]?.targets ?? []
    const told = observed === null ? null : targets
    return html`<tr><th scope="row">${node}${!online && html` <span class="quiet">not online</span>`}</th>
${field(observed && tierOf(observed, node), tierOf(expected, node))}
<td>${online_bytes > 0 ? formatSize(online_bytes) : '–'}</td><td>${offline_bytes > 0 ? formatSize(offline_bytes) : '–'}</td>
${worked && html`<td>${useWords(used_bytes) || '–'}${observed !== null && useNote(expected, node)}</td>`}
<td>${has_cpu ? 'yes' : '–'}</td>
${told === null || agree(told, wanted) ? field(null, targetWords(wanted)) : field(targetWords(told), targetWords(wanted))}</tr>`
  })}</tbody></table>`
}

function tierOf({ tiers }: State, node: number): string {
  return tiers.find(({ nodes }) => nodes.includes(node))?.name ?? '–'
}

/** What the model allows: of pages it knows bounds, and the judgement of them is finer than what is shown here. */
function useNote({ nodes }: State, node: number): Html {
  return html` <span class="quiet">(${useWords(nodes[node]?.used_bytes ?? null) || 'none'})</span>`
}

function field(observed: string | null, expected: string): Html {
  if (observed === null || observed === expected) return html`<td>${expected}</td>`
  return html`<td class="wrong"><span class="observed">${observed}</span> <span class="quiet">expected ${expected}</span></td>`
}
