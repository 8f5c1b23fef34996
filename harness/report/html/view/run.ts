import { bootLogPlace } from './console.ts'
import type { CellDetail, Command, Repeat, RunDetail } from './data.ts'
import { differencesTable } from './differences.ts'
import { type Html, html } from './html.ts'
import { machineSection } from './machine.ts'
import { linkTo, type Place } from './place.ts'
import { stepList } from './steps.ts'
import { timingsSection } from './timings.ts'
import { timeWords, verdictBadge } from './words.ts'

/** One run. What depends on the step is put in the place `step`, and changes alone when another is chosen. */
export function runView(cell: CellDetail, run: RunDetail, place: Place): Html {
  return html`<header class="top run">
<nav aria-label="Back"><a class="back" href="#">← all runs</a> <span class="quiet">Esc</span></nav>
<h1 id="title" tabindex="-1">${cell.scenario}</h1>
<p class="why">${cell.why}</p>
<p class="about">${verdictBadge(run.verdict)} on <b>${cell.kernel}</b>, ${timeWords(run.total_ms)}${cell.earlier !== null && html` <span class="quiet">earlier: ${cell.earlier}</span>`}</p>
</header>
${verdictSection(run)}
${cell.repeats.length > 1 && repeatsSection(cell, place)}
<section aria-labelledby="steps-title" class="walk">
<div class="walk-list"><h2 id="steps-title">Steps</h2>
<p class="quiet keys"><kbd>←</kbd> <kbd>→</kbd> go from step to step</p>
${stepList(run, place)}</div>
<div id="step" class="walk-step"></div>
</section>
<section aria-labelledby="machine-title"><h2 id="machine-title">Machine</h2>${machineSection(run.machine)}</section>
<section aria-labelledby="timings-title"><h2 id="timings-title">Timings</h2>${timingsSection(run)}</section>
<section aria-labelledby="boot-title"><h2 id="boot-title">Boot log</h2>${bootLogPlace(run)}</section>
<section aria-labelledby="again-title"><h2 id="again-title">Run it again</h2>${run.commands.map(commandLine)}</section>
<section aria-labelledby="about-title"><h2 id="about-title">About this run</h2><dl class="facts">${run.facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}<div><dt>file</dt><dd>${cell.file}</dd></div></dl></section>`
}

function verdictSection(run: RunDetail): Html | null {
  const { verdict, reason, step, judged_then, differences, more_differences } = run
  const note = judged_then !== null && html`<p class="quiet">When it was run it was judged: ${judged_then}</p>`
  if (verdict === 'pass') return judged_then === null ? null : html`<section class="notice">${note}</section>`
  const at = step === null ? '' : step === 0 ? ' at boot' : ` at step ${step}`
  return html`<section id="verdict" tabindex="-1" class="verdict ${verdict}" aria-labelledby="verdict-title"><h2 id="verdict-title">${verdict}${at}</h2>
<p>${reason}</p>${note}
${differences.length > 0 && differencesTable(differences, more_differences)}
${run.excerpt.length > 0 && html`<h3>What the kernel said</h3><pre class="console excerpt" tabindex="0">${run.excerpt.map((line) => html`<span class="line bad">${line}</span>\n`)}</pre>`}
</section>`
}

function repeatsSection({ repeats }: CellDetail, place: Place): Html {
  const longest = Math.max(...repeats.map(({ total_ms }) => total_ms))
  return html`<section aria-labelledby="repeats-title"><h2 id="repeats-title">${repeats.length} repetitions</h2>
<p class="quiet">Of those that ended alike, with the same verdict at the same step, the first is shown whole.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Repetitions"><table class="repeats"><thead><tr><th scope="col">#</th><th scope="col">verdict</th><th scope="col">at step</th><th scope="col" class="number">time</th><td></td><th scope="col">began</th><th scope="col">record</th></tr></thead>
<tbody>${repeats.map((repeat, index) => repeatRow(repeat, index, repeats, place, longest))}</tbody></table></div></section>`
}

function repeatRow(repeat: Repeat, index: number, repeats: readonly Repeat[], place: Place, longest: number): Html {
  const { verdict, step, total_ms, start, record, detail, reason } = repeat
  const whole = repeats.findIndex((other) => other.detail === detail) === index
  const here = whole && detail === place.detail
  const link = linkTo({ key: place.key, detail, step: null })
  return html`<tr${here && html` class="here"`} title="${reason}"><th scope="row">${index + 1}</th><td>${whole ? html`<a href="${link}"${here && html` aria-current="true"`}>${verdictBadge(verdict)}</a>` : verdictBadge(verdict)}</td><td>${step ?? '–'}</td><td class="number">${timeWords(total_ms)}</td><td><svg class="bar" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true"><rect width="${Math.round((100 * total_ms) / longest)}" height="8" rx="2"/></svg></td><td>${start === 'restore' ? 'restored' : 'booted'}</td><td class="path">${record}</td></tr>`
}

function commandLine({ name, line }: Command): Html {
  return html`<div class="command"><h3>${name}</h3><pre tabindex="0">${line}</pre><button type="button" data-copy>Copy</button></div>`
}
