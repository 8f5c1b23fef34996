import { consoleView } from './console.ts'
import type { FileChange, RunDetail, StepDetail } from './data.ts'
import { type Html, html } from './html.ts'
import { lanesView } from './lanes.ts'
import { linkTo, type Place } from './place.ts'
import { stateTable } from './state-table.ts'
import { countWords, pathText, timeWords } from './words.ts'

const MARKS: Readonly<Record<StepDetail['mark'], readonly [sign: string, words: string]>> = {
  good: ['✓', 'as the model says'],
  bad: ['✗', 'went wrong'],
  known: ['≈', 'a known issue'],
  lost: ['✗', 'the guest did not come back'],
  unjudged: ['·', 'not judged, because an earlier step went wrong'],
  unreached: ['·', 'not reached'],
}

/** Every step of the scenario as a link, those after the end of the run as well. */
export function stepList({ steps }: RunDetail, place: Place): Html {
  const longest = Math.max(1, ...steps.map(({ duration_ms, observe_ms }) => duration_ms + observe_ms))
  return html`<ol class="steps" start="0">${steps.map(({ index, title, mark, duration_ms, observe_ms }) => {
    const took = duration_ms + observe_ms
    const [sign, words] = MARKS[mark]
    return html`<li><a class="step ${mark}" href="${linkTo({ ...place, step: index })}" data-step="${index}"${index === place.step && html` aria-current="step"`}><span class="sign" aria-hidden="true">${sign}</span><span class="number">${index}</span><span class="title">${title}<span class="unseen">, ${words}</span></span>${took > 0 && html`<span class="time">${timeWords(took)}</span><svg class="bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="${((100 * took) / longest).toFixed(1)}" height="3"/></svg>`}</a></li>`
  })}</ol>`
}

/** What is said to who does not see that another step is shown. */
export function stepWords({ steps }: RunDetail, index: number): string {
  const step = steps[index]
  return step === undefined ? '' : `Step ${index} of ${steps.length - 1}: ${step.title}, ${MARKS[step.mark][1]}`
}

/** One step: what was done, what it answered, the tiers after it, and what else it changed. */
export function stepView(run: RunDetail, index: number): Html {
  const step = run.steps[index]
  if (step === undefined) return html`<p>The scenario has no step ${index}.</p>`
  const last = run.steps.length - 1
  return html`<div class="step-head"><h3 id="step-title"><span class="quiet">${index === 0 ? 'Start' : `Step ${index} of ${last}`}</span> ${step.title}</h3>
<div class="turn"><button type="button" data-turn="-1" ${index === 0 && html`disabled`} aria-label="Step before" aria-keyshortcuts="ArrowLeft">←</button><button type="button" data-turn="1" ${index === last && html`disabled`} aria-label="Next step" aria-keyshortcuts="ArrowRight">→</button></div></div>
${stateNote(step)}
${step.observed !== null && run.step === index && run.differences.length > 0 && html`<p class="notice bad">Here the kernel differs from the model: <a href="#verdict" data-jump="verdict">${countWords(run.differences.length + run.more_differences, 'difference')}</a>.</p>`}
<div class="after-step"><div class="scroll" tabindex="0" role="region" aria-label="Memory tiers after this step">${lanesView(run.steps, step)}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Nodes after this step">${stateTable(step)}</div></div>
${legend(step)}
${answer(step)}
${step.pins.length > 0 && html`<details><summary>${countWords(step.pins.length, 'pin')} of the scenario</summary><ul class="pins">${step.pins.map((pin) => html`<li><code>${pin}</code></li>`)}</ul></details>`}
${changesTable(step)}
${step.console.length > 0 && html`<h4>Kernel log of this step</h4>${consoleView(step.console)}`}`
}

function stateNote({ mark, observed, restored, timed_out }: StepDetail): Html | null {
  if (mark === 'unreached')
    return html`<p class="notice">This step was not reached. What is shown is what the model says.</p>`
  if (observed === null)
    return html`<p class="notice bad">The guest was lost here, and nothing was read after this step. What is shown is what the model says.</p>`
  if (timed_out) return html`<p class="notice bad">The command was still running at its limit, and was killed.</p>`
  return restored
    ? html`<p class="quiet">Taken once, when the checkpoint was made from which this guest was restored.</p>`
    : null
}

function legend({ observed, expected }: StepDetail): Html {
  const { demotion_enabled, nodes } = observed ?? expected
  const worked = nodes.some(({ used_bytes }) => used_bytes !== null)
  const logged = observed?.nodes.some(({ targets }) => targets !== null) ?? false
  const source = logged ? 'as the kernel logged them' : 'as the model says: this kernel does not log them'
  return html`<p class="legend quiet">Top: fastest. Arrows: preferred demotion targets, ${observed === null ? 'as the model says' : source}; demotion is ${demotion_enabled ? 'on' : 'off'}.${worked && ' ▪: memory of the workload, and in brackets what the model has.'}</p>`
}

function answer({ index, script, status, stdout, stderr, refused, timed_out }: StepDetail): Html | null {
  if (index === 0 || status === null) return null
  return html`<h4>Command</h4><pre class="script" tabindex="0">${script}</pre>
<p class="answer">${timed_out ? 'killed at its limit' : `exit status ${status}`}<span class="quiet">; the model says: ${refused === null ? 'it succeeds' : `it is refused, ${refused}`}</span></p>
${stderr !== '' && html`<details open><summary>standard error</summary><pre tabindex="0">${stderr}</pre></details>`}
${stdout !== '' && html`<details><summary>standard output</summary><pre tabindex="0">${stdout}</pre></details>`}`
}

function changesTable({ changes, more_changes }: StepDetail): Html | null {
  if (changes.length === 0) return null
  return html`<details open><summary>What this step changed <span class="count">${changes.length + more_changes}</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="What this step changed"><table class="changes"><thead><tr><th scope="col">path</th><th scope="col">before</th><th scope="col">after</th></tr></thead><tbody>${changes.map(changeRow)}</tbody></table></div></details>`
}

function changeRow({ path, before, after }: FileChange): Html {
  return html`<tr><th scope="row" class="path">${pathText(path)}</th><td>${fileText(before)}</td><td>${fileText(after)}</td></tr>`
}

function fileText(text: string | null): Html {
  if (text === null) return html`<span class="quiet">absent</span>`
  return text === '' ? html`<i class="quiet">empty</i>` : html`<code>${text}</code>`
}
