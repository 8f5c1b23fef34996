import type { ConsoleLine, RunDetail } from './data.ts'
import { type Html, html } from './html.ts'
import { countWords } from './words.ts'

/** Lines of the kernel's log; the first line of a complaint has its name. */
export function consoleView(lines: readonly ConsoleLine[]): Html {
  return html`<pre class="console" tabindex="0">${lines.map(lineOf)}</pre>`
}

function lineOf(line: ConsoleLine): Html {
  if ('left_out' in line)
    return html`<span class="line gap">… ${countWords(line.left_out, 'line')} left out; console.log of the record has them …</span>\n`
  if (line.bad === undefined) return html`<span class="line">${line.text}</span>\n`
  return html`<span class="line bad">${line.first === true && html`<b class="complaint">${line.bad}</b> `}${line.text}</span>\n`
}

/** The log of the boot is long and seldom asked for: it is unpacked when this is opened. */
export function bootLogPlace({ boot_log, step, verdict }: RunDetail): Html {
  if (boot_log === null) return html`<p class="quiet">Nothing was read of this boot.</p>`
  const open = step === 0 && verdict !== 'pass'
  return html`<details id="boot-log" data-chunk="${boot_log}" ${open && html`open`}><summary>Kernel log until the first step</summary><div></div></details>`
}
