import type { Event } from '../run/events.ts'
import { FileSink } from './file-sink.ts'
import { checkedWishes, type Format, type Wish } from './format.ts'
import { JsonReport } from './json.ts'
import { junit } from './junit.ts'
import { kcidb } from './kcidb.ts'
import { ktap } from './ktap.ts'
import { MarkdownReport } from './markdown.ts'
import { Progress } from './progress.ts'
import type { Sink } from './sink.ts'
import { styleFor } from './style.ts'
import { Summary } from './summary.ts'
import { TapReport } from './tap.ts'
import { whenOver } from './told.ts'

/** What is made of a run's events. */
export interface Report {
  event(event: Event): void
  /**
   * Comes once, however the run ended: what was judged by then is reported. Throws HostError when a report could not be
   * written to its file.
   */
  close(): void
}

/**
 * The reports that are asked for: one on standard output, others in files. What a person wants to see meanwhile goes to
 * standard output too when a person reads it, and to standard error when a program does.
 * Throws UsageError or HostError before anything is written.
 */
export function reportFor(asked: readonly Wish[], options: { out: Sink; err: Sink; verbose: boolean }): Report {
  const { out, err, verbose } = options
  const wishes = checkedWishes(asked)
  const person = wishes.some(({ format, file }) => format === 'pretty' && file === undefined) ? out : err
  const files = wishes.flatMap(({ file }) => (file === undefined ? [] : [{ file, sink: new FileSink(file) }]))
  const sinkOf = ({ file }: Wish) => files.find((one) => one.file === file)?.sink ?? out
  // Progress comes first: it takes its moving lines away before anything else is written.
  const reports = [
    new Progress(person, styleFor(person), verbose),
    ...wishes.map((wish) => writerFor(wish.format, sinkOf(wish))),
  ]
  return {
    event(event) {
      for (const report of reports) report.event(event)
    },
    close() {
      for (const report of reports) report.close()
      for (const { sink } of files) sink.close()
      for (const { sink } of files) if (sink.problem) throw sink.problem
    },
  }
}

function writerFor(format: Format, sink: Sink): Report {
  switch (format) {
    case 'pretty':
      return new Summary(sink, styleFor(sink))
    case 'tap':
      return new TapReport(sink)
    case 'ktap':
      return whenOver(sink, ktap)
    case 'junit':
      return whenOver(sink, junit)
    case 'json':
      return new JsonReport(sink)
    case 'kcidb':
      return whenOver(sink, kcidb)
    case 'markdown':
      return new MarkdownReport(sink)
  }
}
