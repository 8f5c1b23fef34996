import type { Event } from '../run/events.ts'
import { JsonReport } from './json.ts'
import { MarkdownReport } from './markdown.ts'
import { Progress } from './progress.ts'
import type { Sink } from './sink.ts'
import { styleFor } from './style.ts'
import { Summary } from './summary.ts'
import { TapReport } from './tap.ts'

/** What is made of a run's events. */
export interface Report {
  event(event: Event): void
  /** Comes once, however the run ended: what was judged by then is reported. */
  close(): void
}

export type Format = 'pretty' | 'tap' | 'json' | 'markdown'

/**
 * The report in a format on standard output. What a person wants to see meanwhile goes there too when a person reads
 * it, and to standard error when a program does.
 */
export function reportFor(format: Format, options: { out: Sink; err: Sink; verbose: boolean }): Report {
  const { out, err, verbose } = options
  switch (format) {
    case 'pretty':
      return both(new Progress(out, styleFor(out), verbose), new Summary(out, styleFor(out)))
    case 'tap':
      return both(new Progress(err, styleFor(err), verbose), new TapReport(out))
    case 'json':
      return both(new Progress(err, styleFor(err), verbose), new JsonReport(out))
    case 'markdown':
      return both(new Progress(err, styleFor(err), verbose), new MarkdownReport(out))
  }
}

/** Progress comes first: it takes its moving lines away before anything else is written. */
function both(progress: Report, report: Report): Report {
  return {
    event(event) {
      progress.event(event)
      report.event(event)
    },
    close() {
      progress.close()
      report.close()
    },
  }
}
