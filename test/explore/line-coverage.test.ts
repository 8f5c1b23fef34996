import t from 'tap'
import { addCounts, type LineData, lineCoverageLines } from '../../harness/explore/line-coverage.ts'

/** What gcov says of a file with two functions, of which one ran as far as its third line. */
function said(first: number, third: number) {
  const line = (line_number: number, count: number, branches: number[] = []) => ({
    ...{ line_number, count, function_name: 'f', unexecuted_block: false },
    branches: branches.map((taken) => ({ count: taken, throw: false, fallthrough: false })),
  })
  const file = {
    file: '/build/source/mm/memory-tiers.c',
    functions: [
      { name: 'f', start_line: 10, end_line: 16, execution_count: first, blocks: 4 },
      { name: 'g', start_line: 20, end_line: 24, execution_count: 0, blocks: 2 },
    ],
    lines: [line(10, first), line(12, first, [first, third]), line(14, third), line(15, third), line(21, 0)],
  }
  const header = { ...file, file: '/build/source/include/linux/list.h' }
  return { gcc_version: '12.2.0', files: [header, file] }
}

t.test('what ran once has run, and what never did is named', async (t) => {
  const data: LineData = {}
  addCounts(data, 'mm/memory-tiers.c', said(0, 0))
  t.match(lineCoverageLines('source:6.1', data), [
    'source:6.1, mm/memory-tiers.c: 0 of 5 lines, 0 of 2 branches.',
    '  never ran: f(), g()',
  ])
  addCounts(data, 'mm/memory-tiers.c', said(3, 0))
  t.same(lineCoverageLines('source:6.1', data), [
    'source:6.1, mm/memory-tiers.c: 2 of 5 lines, 1 of 2 branches.',
    '  never ran: g(), line 14-15',
  ])
  addCounts(data, 'mm/memory-tiers.c', said(0, 1))
  t.same(lineCoverageLines('source:6.1', data), [
    'source:6.1, mm/memory-tiers.c: 4 of 5 lines, 2 of 2 branches.',
    '  never ran: g()',
  ])
})

t.test('lines between which one ran are told apart', async (t) => {
  const data: LineData = {
    'mm/memory-tiers.c': { lines: { 3: false, 4: true, 5: false, 9: false }, branches: {}, functions: {} },
  }
  t.match(lineCoverageLines('k', data)[1], /line 3, line 5-9$/)
})

t.test('what is no answer of gcov is refused', async (t) => {
  t.throws(() => addCounts({}, 'mm/memory-tiers.c', { files: [{ file: 3 }] }))
})
