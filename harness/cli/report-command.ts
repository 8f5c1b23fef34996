import { earlierRuns, writeHtmlReport } from '../report/html/html-report.ts'
import { readRuns, runFolders } from '../report/html/read-runs.ts'
import { EXIT } from './exit-status.ts'
import { pageWords } from './page-words.ts'

/**
 * `tierlab report`: one page of recorded runs. Whatever the verdicts, the page is what was asked for; but where a run
 * could not be read, not all could be told.
 */
export async function reportCommand(
  paths: readonly string[],
  options: { readonly out: string; readonly compare?: string },
): Promise<number> {
  const unread: string[] = []
  const folders = await runFolders(paths)
  const earlier = options.compare === undefined ? null : await earlierRuns(options.compare)
  const written = await writeHtmlReport(options.out, readRuns(folders, unread), { unread, earlier })
  for (const sentence of unread) process.stderr.write(`tierlab: ${sentence}\n`)
  process.stdout.write(pageWords(written))
  return unread.length > 0 ? EXIT.unknown : EXIT.passed
}
