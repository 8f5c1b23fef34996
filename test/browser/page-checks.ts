import type { Page } from 'playwright-core'

export interface Contrast {
  readonly text: string
  readonly ratio: number
}

/** Texts that are seen now and have less than 4.5 between them and what is behind them. Source: WCAG 2.2, 1.4.3. */
export function lowContrasts(page: Page): Promise<Contrast[]> {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const rgba = (colour: string): readonly number[] => {
      if (!canvas) throw new Error('no canvas')
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (colour: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = colour.map((value) => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const groundOf = (element: Element): string | null => {
      const style = getComputedStyle(element)
      const paint = element instanceof SVGElement ? style.fill : style.backgroundColor
      const shape = !(element instanceof SVGElement) || element.tagName === 'rect'
      return shape && paint !== 'none' && rgba(paint)[3] === 255 ? paint : null
    }
    const behind = (element: Element): string => {
      const box = element.getBoundingClientRect()
      const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      const below = stack.slice(stack.indexOf(element) + 1).map(groundOf)
      const own = element instanceof SVGElement ? null : groundOf(element)
      return own ?? below.find((paint) => paint !== null) ?? 'white'
    }
    const found: { text: string; ratio: number }[] = []
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent?.trim())
      if (text.join('') === '' || element.closest('script, style, noscript, title, defs')) continue
      if (element.closest('.unseen') || !element.checkVisibility()) continue
      element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
      const style = getComputedStyle(element)
      const front = element instanceof SVGElement ? style.fill : style.color
      const [a, b] = [luminance(rgba(front)), luminance(rgba(behind(element)))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < 4.5)
        found.push({ text: `${element.tagName}.${element.getAttribute('class')}: ${text.join(' ')}`, ratio })
    }
    return found
  })
}

/** What of the page a screen reader could make nothing of, as sentences. */
export function unreadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const seen = (selector: string) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility())
    const named = (element: Element) =>
      (element.getAttribute('aria-label') ?? '') !== '' ||
      element.textContent?.trim() !== '' ||
      element.hasAttribute('aria-labelledby') ||
      (element instanceof HTMLInputElement && (element.labels?.length ?? 0) > 0)
    const levels = seen('h1, h2, h3, h4').map((heading) => Number(heading.tagName[1]))
    return [
      ...seen('a[href], button, input, [role=region], [role=group], summary')
        .filter((element) => !named(element))
        .map((element) => `${element.outerHTML.slice(0, 120)} has no name`),
      ...seen('svg')
        .filter((svg) => svg.getAttribute('aria-hidden') !== 'true')
        .filter((svg) => svg.getAttribute('role') !== 'img' || !svg.getAttribute('aria-label'))
        .map((svg) => `a picture without a name: ${svg.outerHTML.slice(0, 120)}`),
      ...seen('thead th, tbody th')
        .filter((head) => !head.hasAttribute('scope'))
        .map((head) => `a head without a scope: ${head.textContent}`),
      ...(levels[0] === 1 && levels.filter((level) => level === 1).length === 1
        ? []
        : ['there is not just one h1, first']),
      ...levels.flatMap((level, index) =>
        index > 0 && level > (levels[index - 1] ?? 0) + 1 ? [`h${level} follows h${levels[index - 1]}`] : [],
      ),
      ...seen('[aria-labelledby]')
        .filter((element) => !document.getElementById(element.getAttribute('aria-labelledby') ?? ''))
        .map((element) => `named by what is not there: ${element.getAttribute('aria-labelledby')}`),
      ...[...new Set(seen('[id]').map(({ id }) => id))]
        .filter((id) => document.querySelectorAll(`#${CSS.escape(id)}`).length > 1)
        .map((id) => `id ${id} twice`),
    ]
  })
}
