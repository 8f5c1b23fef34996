import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Source } from '../../harness/report/html/gather.ts'
import { writeHtmlReport } from '../../harness/report/html/html-report.ts'
import type { RunResult } from '../../harness/run/events.ts'
import { changed, hostile, recorded, renamed, sourceOf, wrongTier } from '../report/html-data.ts'
import { PASS } from '../report/results.ts'
import { noBrowser, openBrowser } from './chromium.ts'
import { lowContrasts, unreadable } from './page-checks.ts'

// A browser takes its time on a machine that is busy with other tests.
t.setTimeout(240_000)
const skip = noBrowser()
const PASSING = '#debian:6.12.118-1/dax-memory-lands-in-the-default-dax-tier'
const WRONG = '#debian:6.12.118-1/a-wrong-tier'
const CRASHED = '#debian:6.1.192-2/must-crash'

/** Every kind of verdict, a flaky cell, a run that was cut off, one full of markup, and a comparison. */
async function sources(): Promise<Source[]> {
  const names = ['pass-6.1', 'pass-6.12', 'pass-7.3', 'must-fail', 'must-splat', 'must-crash', 'must-hang']
  const runs = (await Promise.all(names.map(recorded))).map((record) => sourceOf(record))
  const cut = await recorded('pass-7.3')
  const partial = {
    ...renamed(cut, 'cut off'),
    steps: cut.steps.slice(0, 2),
    end: { ...cut.end, kind: 'interrupted' as const },
  }
  const restored = { ...cut.end, start: 'restore' as const, restored_after: 2 }
  return [
    ...runs,
    ...[await wrongTier(), renamed(await recorded('pass-6.12'), 'a wrong tier')].map((record) => sourceOf(record)),
    ...[partial, { ...renamed(cut, 'restored'), end: restored }, await hostile()].map((record) => sourceOf(record)),
    sourceOf(changed(renamed(cut, 'refused'), 3, { status: 1, stderr: 'no\n' })),
  ]
}

async function earlier(): Promise<RunResult[]> {
  const { result } = sourceOf(await recorded('must-fail'))
  return [{ ...result, verdict: PASS }]
}

t.test('the page in a browser', { skip, timeout: 200_000 }, async (t) => {
  const folder = t.testdir()
  const given = await sources()
  async function* each() {
    yield* given
  }
  await writeHtmlReport(folder, each(), {
    unread: ['runs/x/steps.jsonl is damaged'],
    earlier: { words: 'runs/old', results: await earlier() },
  })
  const url = pathToFileURL(join(folder, 'index.html')).href
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const complaints: string[] = []
  const requests: string[] = []

  async function opened(hash = '', colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } })
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(`${url}${hash}`)
    if (hash !== '') await page.waitForSelector('#run h1')
    return page
  }
  const focused = (page: Page) =>
    page.evaluate(() => {
      const one = document.activeElement
      const tag = one?.cloneNode(false)
      return tag instanceof Element && tag.tagName !== 'BODY' ? `${tag.outerHTML} ${one?.textContent}` : ''
    })
  const step = (page: Page) => page.locator('#step h3').innerText()

  await t.test('the matrix is a table with heads, and a cell says what it is of', async (t) => {
    const page = await opened()
    t.equal(await page.getByRole('columnheader').count(), 5, 'the scenario, and kernels, one of them full of markup')
    t.ok(await page.getByRole('rowheader', { name: 'must crash' }).isVisible())
    t.ok(await page.getByRole('link', { name: 'crash: must crash on debian:6.1.192-2' }).isVisible())
    t.match(await page.getByRole('link', { name: /a wrong tier on/ }).innerText(), /1 fail, 1 pass|1 pass, 1 fail/)
    t.match(await page.locator('.notice').innerText(), 'damaged')
    t.equal(await page.getByRole('link', { name: 'must fail', exact: true }).count(), 1, 'in the comparison')
    await page.close()
  })

  await t.test('by keyboard: to a cell, into its run, from step to step, and back', async (t) => {
    const page = await opened()
    for (let presses = 0; presses < 40 && !(await focused(page)).includes('class="cell"'); presses += 1)
      await page.keyboard.press('Tab')
    t.match(await focused(page), 'class="cell"', 'Tab leads into the matrix')
    await page.locator(`a.cell[href="${CRASHED}"]`).focus()
    await page.keyboard.press('ArrowDown')
    t.match(await focused(page), '/must-fail"')
    await page.keyboard.press('ArrowUp')
    t.match(await focused(page), '/must-crash"')
    await page.locator(`a.cell[href="${PASSING}"]`).focus()
    await page.keyboard.press('ArrowLeft')
    t.match(await focused(page), 'debian:6.1.192-2/dax-memory')
    await page.keyboard.press('ArrowRight')
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
    t.equal(outline, 'solid', 'the focus is seen')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#run h1')
    t.match(await focused(page), /<h1.*dax memory lands/)
    t.match(await step(page), 'Step 3 of 3')
    await page.keyboard.press('ArrowLeft')
    t.match(await step(page), 'Step 2 of 3')
    t.equal(await page.evaluate(() => location.hash), `${PASSING}/2`)
    t.match(await page.locator('#said').innerText(), 'Step 2 of 3: daxctl reconfigure-device')
    t.match(await page.locator('a[aria-current=step]').innerText(), 'system-ram')
    for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('ArrowLeft')
    t.match(await step(page), 'Start')
    await page.keyboard.press('ArrowRight')
    await page.locator('a[data-step="1"]').focus()
    await page.keyboard.press('ArrowRight')
    t.match(await focused(page), 'data-step="2"', 'in the list the focus goes along')
    await page.keyboard.press('Escape')
    await page.waitForSelector('#matrix:not([hidden])')
    t.match(await focused(page), PASSING.slice(1), 'back at its cell')
    await page.close()
  })

  await t.test('what is reached by Tab in a run is all that can be pressed', async (t) => {
    const page = await opened(WRONG)
    const all = await page.evaluate(
      () =>
        [...document.querySelectorAll('#run :is(a[href], button:not(:disabled), summary)')].filter((one) =>
          one.checkVisibility(),
        ).length,
    )
    const met = new Set<string>()
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press('Tab')
      const path = await page.evaluate(() => {
        const one = document.activeElement
        if (!one?.matches('#run :is(a[href], button, summary)')) return null
        return String([...document.querySelectorAll('#run *')].indexOf(one))
      })
      if (path !== null) met.add(path)
    }
    t.equal(met.size, all)
    await page.close()
  })

  await t.test('what differed: path, expected and observed side by side, and where it is in the lanes', async (t) => {
    const page = await opened(WRONG)
    const row = page.locator('.differences tbody tr').first()
    t.match(await row.locator('th').innerText(), '/memory_tiering/memory_tier22/nodelist')
    t.equal(await row.locator('td.expected').innerText(), '1')
    t.equal(await row.locator('td.observed').innerText(), '(absent)')
    t.match(await step(page), 'Step 2 of 3', 'it begins where it went wrong')
    t.equal(await page.locator('.lanes .chip.bad').count(), 1)
    t.equal(await page.locator('.lanes .ghost').count(), 1)
    t.match(await page.locator('.state .wrong').first().innerText(), /none\s+expected 1/)
    await page.getByRole('link', { name: '3 differences' }).click()
    t.match(await focused(page), 'id="verdict"')
    t.match(await page.locator('.outcomes').innerText(), /2 ways[\s\S]*1 fail[\s\S]*1 pass/)
    await page.locator('.outcomes a').last().click()
    await page.waitForFunction(() => document.querySelector('#run .about .badge')?.textContent?.includes('pass'))
    t.match(await page.evaluate(() => location.hash), /\/2$/, 'the other way has its link')
    await page.close()
  })

  await t.test('a crash: the kernel’s words are marked, and its boot is unpacked when asked for', async (t) => {
    const page = await opened(CRASHED)
    t.match(await page.locator('#step .notice').innerText(), 'The guest was lost here')
    t.match(await page.locator('#step .complaint').first().innerText(), 'panic')
    t.match(await page.locator('#step .line.bad').first().innerText(), 'sysrq triggered crash')
    t.equal(await page.locator('#boot-log .line').count(), 0)
    await page.locator('#boot-log summary').click()
    await page.waitForSelector('#boot-log .line')
    t.match(await page.locator('#boot-log .line').first().innerText(), 'Linux version 6.1')
    t.match(await page.locator('#boot-log .gap').innerText(), 'left out')
    await page.close()
  })

  await t.test('the filter: by words and by verdict', async (t) => {
    const page = await opened()
    const rows = () => page.locator('.matrix tr[data-tags]:visible').count()
    const every = await rows()
    await page.keyboard.press('/')
    await page.keyboard.type('must')
    t.equal(await rows(), 4)
    t.match(await page.locator('#shown').innerText(), `4 of ${every} scenarios`)
    await page.getByRole('button', { name: '1 crash' }).click()
    t.equal(await rows(), 1)
    t.equal(await page.getByRole('button', { name: '1 crash' }).getAttribute('aria-pressed'), 'true')
    await page.locator('#text').fill('nothing like it')
    t.equal(await rows(), 0)
    await page.getByRole('button', { name: 'Show all' }).click()
    t.equal(await rows(), every)
    await page.close()
  })

  await t.test('markup in a record stays text, in every step', async (t) => {
    const page = await opened()
    await page.locator('a.cell[aria-label*="alert(1)"]').click()
    await page.waitForSelector('#run h1')
    for (const turn of ['ArrowLeft', 'ArrowRight']) await page.keyboard.press(turn)
    await page.locator('#boot-log summary').click()
    t.match(await page.locator('#run h1').innerText(), '</script><script>alert(1)')
    t.match(await page.locator('#step').innerText(), '<img src=x onerror=alert(2)>')
    t.equal(await page.locator('img, #run script').count(), 0)
    await page.close()
  })

  await t.test('light and dark: every text is told from its ground, and can be read aloud', async (t) => {
    const grounds = new Set<string>()
    for (const scheme of ['light', 'dark'] as const)
      for (const hash of ['', PASSING, WRONG, CRASHED]) {
        const page = await opened(hash, scheme)
        for (const summary of await page.locator('summary:visible').all())
          if (!(await summary.evaluate((one) => (one.parentElement as HTMLDetailsElement).open))) await summary.click()
        t.same(await lowContrasts(page), [], `${scheme} ${hash}`)
        t.same(await unreadable(page), [], `${scheme} ${hash}`)
        grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
        await page.close()
      }
    t.equal(grounds.size, 2)
  })

  await t.test('a link into a step, a link to nothing, and a page for paper', async (t) => {
    const page = await opened(`${PASSING}/1`)
    t.match(await step(page), 'Step 1 of 3')
    t.match(await page.title(), 'pass: dax memory lands')
    await page.evaluate(() => {
      location.hash = '#debian:6.1.192-2/there-is-no-such-thing/4'
    })
    await page.waitForSelector('#matrix:not([hidden])')
    await page.emulateMedia({ media: 'print' })
    t.notOk(await page.locator('form.filter').isVisible())
    t.ok(await page.getByRole('rowheader', { name: 'must crash' }).isVisible())
    await page.close()
  })

  await t.test('a page that was damaged on its way says so', async (t) => {
    const page = await opened()
    await page.evaluate(() => {
      for (const packed of document.querySelectorAll('script[type="text/plain"]')) packed.textContent = 'AAAA'
    })
    await page.locator(`a.cell[href="${CRASHED}"]`).click()
    await page.waitForSelector('#run .notice')
    t.match(await page.locator('#run h1').innerText(), 'cannot be shown')
    await page.getByRole('link', { name: 'all runs' }).click()
    await page.waitForSelector('#matrix:not([hidden])')
    await page.close()
  })

  t.same(complaints, [], 'nothing was complained of')
  t.same(
    [...new Set(requests.map((request) => request.replace(/#.*$/, '')))].filter(
      (request) => request !== url && request !== 'data:,',
    ),
    [],
    'nothing was asked for',
  )
})
