import { bootLogPlace } from './console.ts'
import type { CellDetail, Command, RunDetail } from './data.ts'
import { differencesTable } from './differences.ts'
import { type Html, html } from './html.ts'
import { machineSection } from './machine.ts'
import type { Place } from './place.ts'
import { outcomesSection, repeatsSection } from './repeats.ts'
import { stepList } from './steps.ts'
import { timingsSection } from './timings.ts'
import { timeWords, verdictBadge } from './words.ts'

/** One run. What depends on the step is put in the place `step`, and changes alone when another is chosen. */
export function runView(cell: CellDetail, run: RunDetail, place: Place): Html {
  return html`<header class="top run">
<nav aria-label="Back"><a class="back" href="#">← all runs</a> <span class="quiet">Esc</span></nav>
<h1 id="run-title" tabindex="-1">${cell.scenario}</h1>
<p class="why">${cell.why}</p>
<p class="about">${verdictBadge(run.verdict)} on <b>${cell.kernel}</b>, ${timeWords(run.total_ms)}${cell.repeats.length > 1 && html`, <span class="quiet">one of ${cell.repeats.length} repetitions</span>`}${cell.earlier !== null && html`; <span class="quiet">earlier: ${cell.earlier}</span>`}</p>
</header>
${verdictSection(run)}
${cell.details.length > 1 && outcomesSection(cell, place)}
<section aria-labelledby="steps-title" class="walk">
<div class="walk-list"><h2 id="steps-title">Steps</h2>
<p class="quiet keys"><kbd>←</kbd> <kbd>→</kbd> go from step to step</p>
${stepList(run, place)}</div>
<div id="step" class="walk-step" role="group" aria-labelledby="step-title" tabindex="-1"></div>
<p id="said" class="unseen" aria-live="polite"></p>
</section>
<section aria-labelledby="machine-title"><h2 id="machine-title">Machine</h2>${machineSection(run.machine)}</section>
<section aria-labelledby="timings-title"><h2 id="timings-title">Timings</h2>${timingsSection(run)}</section>
<section aria-labelledby="boot-title"><h2 id="boot-title">Boot log</h2>${bootLogPlace(run)}</section>
${cell.repeats.length > 1 && repeatsSection(cell)}
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

function commandLine({ name, line }: Command): Html {
  return html`<div class="command"><h3>${name}</h3><pre tabindex="0">${line}</pre><button type="button" data-copy>Copy</button></div>`
}
