import type { RunDetail } from './data.ts'
import { type Html, html } from './html.ts'
import { timeWords } from './words.ts'

interface Span {
  readonly name: string
  readonly kind: 'start' | 'command' | 'observe' | 'rest'
  readonly from_ms: number
  readonly ms: number
}

/** Where the time went, one below the other: the start, then each step's command and what was read after it. */
export function timingsSection(run: RunDetail): Html {
  const spans = spansOf(run)
  const total = Math.max(run.total_ms, ...spans.map(({ from_ms, ms }) => from_ms + ms), 1)
  return html`<table class="timings"><thead><tr><th scope="col">what</th><th scope="col"><span class="unseen">when</span><span aria-hidden="true" class="axis"><span>0</span><span>${timeWords(total / 2)}</span><span>${timeWords(total)}</span></span></th><th scope="col" class="number">time</th></tr></thead>
<tbody>${spans.map(
    ({ name, kind, from_ms, ms }) =>
      html`<tr class="spent-${kind}"><th scope="row">${name}</th><td><svg class="waterfall" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${Math.round((1000 * from_ms) / total)}" width="${Math.max(3, Math.round((1000 * ms) / total))}" height="10"/></svg></td><td class="number">${timeWords(ms)}</td></tr>`,
  )}</tbody></table>`
}

/** Steps that a checkpoint holds were taken before this run, and take none of its time. */
export function spansOf({ steps, started_by, start_ms, total_ms }: RunDetail): Span[] {
  const start = started_by === 'restore' ? 'restore the checkpoint' : 'boot the guest'
  const spans: Span[] = [{ name: start, kind: 'start', from_ms: 0, ms: start_ms }]
  let from_ms = start_ms
  for (const { index, title, restored, duration_ms, observe_ms } of steps) {
    if (restored || duration_ms + observe_ms === 0) continue
    if (index > 0) spans.push({ name: `${index}. ${title}`, kind: 'command', from_ms, ms: duration_ms })
    from_ms += index > 0 ? duration_ms : 0
    spans.push({
      name: index === 0 ? 'read sysfs at the start' : 'read sysfs',
      kind: 'observe',
      from_ms,
      ms: observe_ms,
    })
    from_ms += observe_ms
  }
  const rest = total_ms - from_ms
  const lost = steps.find(({ mark }) => mark === 'lost')
  const name = lost ? `${lost.index}. ${lost.title}, and no answer` : 'all else: waiting, recording, ending'
  if (rest > 0.5) spans.push({ name, kind: 'rest', from_ms, ms: rest })
  return spans
}
