import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Source } from '../harness/report/html/gather.ts'
import { writeHtmlReport } from '../harness/report/html/html-report.ts'
import type { RunRecord } from '../harness/run/record.ts'
import { judged } from '../harness/run/rejudge.ts'
import { RunFolder } from '../harness/run/run-folder.ts'
import { noBrowser, openBrowser } from '../test/browser/chromium.ts'
import type { Figure } from './main.ts'
import { median, round } from './prepared.ts'

const SCENARIOS = 60
const KERNELS = ['pass-6.1', 'pass-6.12', 'pass-7.3']
const ROUNDS = 9
const RECORDED = resolve(import.meta.dirname, '../test/recorded')

/** What a page of 60 scenarios on 3 kernels costs: to make, to keep, to open, and to open a run of it. */
export async function benchReport(): Promise<Figure[]> {
  const records = await Promise.all(KERNELS.map((name) => new RunFolder(join(RECORDED, name)).read()))
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-bench-'))
  try {
    const before = performance.now()
    const { path, bytes, runs } = await writeHtmlReport(folder, sources(records))
    const made_ms = performance.now() - before
    const note = `${SCENARIOS} × ${KERNELS.length}, ${runs} runs, no boot log shared`
    return [
      { name: 'report_made_ms', value: round(made_ms, 0), unit: 'ms', goal: '', note },
      { name: 'report_kib', value: round(bytes / 1024, 0), unit: 'KiB', goal: '', note },
      ...(await opened(pathToFileURL(path).href)),
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function* sources(records: readonly RunRecord[]): AsyncGenerator<Source> {
  for (let number = 1; number <= SCENARIOS; number += 1)
    for (const record of records) {
      const scenario = { ...record.head.scenario, name: `claim ${number}` }
      const steps = record.steps.map((step) => ({ ...step, messages: [...step.messages, `of claim ${number}`] }))
      const one = { ...record, steps, head: { ...record.head, scenario, file: `scenarios/part-${number % 8}/x.ts` } }
      yield { result: judged(one, `runs/${number}`), record: one, judged_then: null }
    }
}

/** From asking for the page until it is painted and loaded, each time in a new context; then until a run is there. */
async function opened(url: string): Promise<Figure[]> {
  const why = noBrowser()
  const figure = (name: string, times: number[], goal: string): Figure => ({
    ...{ name, value: why === false ? round(median(times), 0) : null, unit: 'ms', goal },
    note: why === false ? `chromium, median of ${ROUNDS}` : `skipped: ${why}`,
  })
  const [painted, loaded, run]: [number[], number[], number[]] = [[], [], []]
  if (why === false) {
    const browser = await openBrowser()
    for (let round = 0; round < ROUNDS; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1360, height: 900 } })
      const page = await context.newPage()
      await page.goto(url)
      painted.push(await page.evaluate(PAINTED))
      loaded.push(await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
      run.push(await page.evaluate(RUN))
      await context.close()
    }
    await browser.close()
  }
  return [
    figure('report_painted_ms', painted, '≤ 1000'),
    figure('report_loaded_ms', loaded, '≤ 1000'),
    figure('report_run_opened_ms', run, ''),
  ]
}

const PAINTED = `new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true })
})`

/** A click on the last cell, until its run has been laid out. */
const RUN = `new Promise((resolve) => {
  const from = performance.now()
  const look = () => {
    if (document.querySelector('#run .lanes')?.getBoundingClientRect().height > 0) resolve(performance.now() - from)
    else setTimeout(look, 1)
  }
  const cells = document.querySelectorAll('a.cell')
  cells[cells.length - 1].click()
  look()
})`
