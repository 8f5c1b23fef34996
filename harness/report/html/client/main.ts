import { consoleView } from '../view/console.ts'
import type { CellDetail, ConsoleLine, RunDetail } from '../view/data.ts'
import { html } from '../view/html.ts'
import { firstStep, linkTo, type Place, placeOf } from '../view/place.ts'
import { runView } from '../view/run.ts'
import { stepView, stepWords } from '../view/steps.ts'
import { moveInMatrix } from './arrow-keys.ts'
import { chunk } from './chunks.ts'
import { startFilter } from './filter.ts'

/** What is open; null: the matrix. */
interface Open {
  readonly cell: CellDetail
  readonly run: RunDetail
  place: Place & { readonly step: number }
}

const matrix = required('matrix')
const page = required('run')
const TITLE = document.title
let open: Open | null = null
/** Counts what was asked for, so that an answer that comes late is dropped. */
let asked = 0

/** An old browser, or a page that was damaged on its way: better a sentence than nothing. */
function show(): void {
  void showPlace().catch((error: unknown) => {
    open = null
    matrix.hidden = true
    page.hidden = false
    page.innerHTML =
      html`<h1>This run cannot be shown</h1><p class="notice bad">${String(error)}</p><p><a href="#">← all runs</a></p>`.markup
  })
}

async function showPlace(): Promise<void> {
  asked += 1
  const mine = asked
  const place = placeOf(location.hash)
  const link = place && linkOf(place.key)
  if (place === null || link === null) {
    showMatrix()
    return
  }
  const cell = open?.place.key === place.key ? open.cell : ((await chunk(link.dataset.chunk ?? '')) as CellDetail)
  if (mine !== asked) return
  const detail = Math.min(place.detail, cell.details.length - 1)
  const run = cell.details[detail]
  if (run === undefined) {
    showMatrix()
    return
  }
  const step = Math.min(place.step ?? firstStep(run), run.steps.length - 1)
  const same = open?.run === run
  open = { cell, run, place: { key: place.key, detail, step } }
  if (!same) openRun(open)
  showStep(open)
}

function showMatrix(): void {
  const from = open?.place.key
  open = null
  page.hidden = true
  page.innerHTML = ''
  matrix.hidden = false
  document.title = TITLE
  if (from !== undefined) linkOf(from)?.focus()
}

function openRun({ cell, run, place }: Open): void {
  page.innerHTML = runView(cell, run, place).markup
  matrix.hidden = true
  page.hidden = false
  document.title = `${run.verdict}: ${cell.scenario} on ${cell.kernel}`
  window.scrollTo(0, 0)
  page.querySelector<HTMLElement>('#run-title')?.focus({ preventScroll: true })
  const log = page.querySelector<HTMLDetailsElement>('#boot-log')
  log?.addEventListener('toggle', () => void unpackLog(log))
  if (log?.open) void unpackLog(log)
}

function showStep({ run, place }: Open): void {
  const panel = page.querySelector<HTMLElement>('#step')
  if (panel === null) return
  const inside = panel.contains(document.activeElement)
  panel.innerHTML = stepView(run, place.step).markup
  if (inside) panel.focus({ preventScroll: true })
  for (const link of page.querySelectorAll<HTMLElement>('a[data-step]')) {
    if (link.dataset.step === String(place.step)) link.setAttribute('aria-current', 'step')
    else link.removeAttribute('aria-current')
  }
}

async function unpackLog(log: HTMLDetailsElement): Promise<void> {
  const body = log.querySelector('div')
  if (!log.open || body === null || body.hasChildNodes()) return
  body.innerHTML = consoleView((await chunk(log.dataset.chunk ?? '')) as ConsoleLine[]).markup
}

/** Steps replace each other in the history: going back leads out of the run. */
function goToStep(step: number): void {
  if (open === null || open.run.steps[step] === undefined) return
  open.place = { ...open.place, step }
  const said = page.querySelector('#said')
  if (said) said.textContent = stepWords(open.run, step)
  history.replaceState(null, '', linkTo(open.place))
  showStep(open)
}

function close(): void {
  location.hash = ''
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return
  const typing = event.target instanceof HTMLInputElement
  if (open === null) {
    if (event.key === '/' && !typing) {
      event.preventDefault()
      document.getElementById('text')?.focus()
    } else if (event.key === 'Escape' && typing) document.querySelector<HTMLElement>('[data-clear]')?.click()
    else moveInMatrix(event)
    return
  }
  if (event.key === 'Escape') {
    close()
    return
  }
  const turn = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (turn === 0 || scrollsSideways(event.target)) return
  event.preventDefault()
  turnSteps(turn, event.target)
}

/** Where the focus is in the list of steps, it goes along. */
function turnSteps(turn: number, target: EventTarget | null): void {
  if (open === null) return
  const inList = target instanceof Element && target.closest('.steps') !== null
  goToStep(open.place.step + turn)
  if (inList) page.querySelector<HTMLElement>(`a[data-step="${open.place.step}"]`)?.focus()
}

/** Whoever has focused something that is wider than its place wants to see the rest of it. */
function scrollsSideways(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.tabIndex === 0 && target.scrollWidth > target.clientWidth + 1
}

function onClick(event: MouseEvent): void {
  if (!(event.target instanceof Element) || open === null) return
  const step = event.target.closest<HTMLElement>('a[data-step]')
  const turn = event.target.closest<HTMLElement>('[data-turn]')
  const jump = event.target.closest<HTMLElement>('[data-jump]')
  const copy = event.target.closest<HTMLElement>('[data-copy]')
  if (step && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault()
    goToStep(Number(step.dataset.step))
  } else if (turn) {
    const by = turn.dataset.turn ?? '1'
    goToStep(open.place.step + Number(by))
    page.querySelector<HTMLElement>(`[data-turn="${by}"]:not(:disabled), [data-turn]:not(:disabled)`)?.focus()
  } else if (jump) {
    event.preventDefault()
    const target = document.getElementById(jump.dataset.jump ?? '')
    target?.scrollIntoView()
    target?.focus()
  } else if (copy) void copyLine(copy)
}

async function copyLine(button: HTMLElement): Promise<void> {
  const line = button.parentElement?.querySelector('pre')
  if (!line) return
  try {
    await navigator.clipboard.writeText(line.textContent ?? '')
    button.textContent = 'Copied'
  } catch {
    getSelection()?.selectAllChildren(line)
    button.textContent = 'Selected'
  }
}

function linkOf(key: string): HTMLAnchorElement | null {
  return document.querySelector(`a.cell[data-key="${CSS.escape(key)}"]`)
}

function required(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no element ${id}.`)
  return element
}

startFilter()
addEventListener('hashchange', show)
document.addEventListener('keydown', onKey)
document.addEventListener('click', onClick)
show()
