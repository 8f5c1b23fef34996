import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Why the page cannot be opened here; false where it can. */
export function noBrowser(): string | false {
  try {
    accessSync(CHROMIUM, constants.X_OK)
    return false
  } catch {
    return `there is no ${CHROMIUM}: apt-get install chromium`
  }
}

/** Debian's browser, without a window. The page is our own, and containers seldom allow the sandbox. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}
