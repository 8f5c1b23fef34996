import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { eraTables } from '../../harness/model/era-table.ts'
import { knownIssueTable } from '../../harness/model/known-issues.ts'

const PAGE = resolve(import.meta.dirname, '../../docs/model.md')
const SECTIONS: readonly (readonly [pattern: RegExp, text: () => string])[] = [
  [/(<!-- eras[^>]*-->\n)[\s\S]*?(<!-- end of eras -->)/, eraTables],
  [/(<!-- known issues[^>]*-->\n)[\s\S]*?(<!-- end of known issues -->)/, knownIssueTable],
]

/** With UPDATE_DOCS set the page is written anew. */
t.test('docs/model.md shows the eras and the known issues that there are', async (t) => {
  const page = readFileSync(PAGE, 'utf8')
  for (const [pattern] of SECTIONS) t.match(page, pattern)
  const wanted = SECTIONS.reduce(
    (text, [pattern, table]) => text.replace(pattern, (_all, begin, end) => `${begin}\n${table()}\n\n${end}`),
    page,
  )
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, wanted)
  else t.equal(page, wanted, 'UPDATE_DOCS=1 npx tap test/model/era-table.ts writes the tables anew')
})
