import { roughSize } from '../base/size.ts'
import type { Written } from '../report/html/html-report.ts'

/** Where the page is, and how large. */
export function pageWords({ path, bytes, runs }: Written): string {
  return `${path}: ${runs} ${runs === 1 ? 'run' : 'runs'}, ${roughSize(bytes)}\n`
}
