import t from 'tap'
import { compilerWords, wantsOlderCompiler } from '../../../kernels/source/build.ts'
import { checkConfig, formatFragment, missingFrom, parseFragment } from '../../../kernels/source/config.ts'
import { gcovOf } from '../../../kernels/source/gcov.ts'
import { readConfiguration } from '../../../kernels/source/index.ts'
import { seriesOf } from '../../../kernels/source/mail.ts'
import { formatChanges, parseKernelSpec } from '../../../kernels/spec.ts'

t.test('the words for kernels that are built', async (t) => {
  const plain = { config: 'lab', changes: [] }
  for (const wanted of ['6.1', '7', '6.1.176-1', '7.3.4-1~bpo13+1'])
    t.same(parseKernelSpec(`source:${wanted}`), { kind: 'source', wanted, ...plain })
  const changes = [
    { kind: 'patch', path: 'a/b.patch' },
    { kind: 'mutant', name: 'v13-constants' },
    { kind: 'patch', path: '../c.mbox' },
    { kind: 'patch', path: 'v13_mm_demotion.mbx' },
  ] as const
  t.same(parseKernelSpec(`source:7.3.4-1~bpo13+1,config=debug${formatChanges(changes)}`), {
    ...{ kind: 'source', wanted: '7.3.4-1~bpo13+1', config: 'debug', changes },
  })
  t.same(parseKernelSpec('tree:../linux'), { kind: 'tree', path: '../linux', revision: undefined, ...plain })
  t.same(parseKernelSpec('tree:/l@mm/unstable~2'), { kind: 'tree', path: '/l', revision: 'mm/unstable~2', ...plain })
  t.same(parseKernelSpec('tree:/l@HEAD@{1}'), { kind: 'tree', path: '/l', revision: 'HEAD@{1}', ...plain })
  const debug = parseKernelSpec('source:6.12,config=debug+a.patch+mutant:b')
  for (const same of ['source:6.12+a.patch+mutant:b,config=debug', 'source:6.12+a.patch,config=debug+mutant:b'])
    t.same(parseKernelSpec(same), debug, same)
  t.match(debug, { kind: 'source', wanted: '6.12', config: 'debug', changes: [{ path: 'a.patch' }, { name: 'b' }] })
  for (const wrong of ['source:', 'source:new', 'tree:', 'source:6.1+fix', 'source:6.1,config=', 'source:6.1,jobs=2'])
    t.throws(() => parseKernelSpec(wrong), { name: 'UsageError', message: /source:6\.1.*tree:PATH/ }, wrong)
})

const FRAGMENT = `# the file's own words

# the guests: they boot
CONFIG_A=y
CONFIG_NAME="-lab"
# and more
CONFIG_B=m | CONFIG_NEW_B=m

# CONFIG_C is not set
`

t.test('a fragment is read with who needs each symbol', async (t) => {
  const wanted = parseFragment(FRAGMENT, 'f')
  t.same(
    wanted.map(({ alternatives, why }) => [alternatives.map(({ symbol }) => symbol).join('|'), why]),
    [
      ['CONFIG_A', 'the guests: they boot'],
      ['CONFIG_NAME', 'the guests: they boot'],
      ['CONFIG_B|CONFIG_NEW_B', 'and more'],
      ['CONFIG_C', ''],
    ],
  )
  t.equal(
    formatFragment(wanted),
    'CONFIG_A=y\nCONFIG_NAME="-lab"\nCONFIG_B=m\nCONFIG_NEW_B=m\nCONFIG_C=n\n',
    'for the kernel’s own tools',
  )
  t.throws(() => parseFragment('# x\nA=y\n', 'my.config'), { name: 'HostError', message: /my\.config:2: “A=y”/ })
})

t.test('a finished configuration is checked', async (t) => {
  const wanted = parseFragment(FRAGMENT, 'f')
  const good = 'CONFIG_A=y\nCONFIG_NAME="-lab"\nCONFIG_NEW_B=m\n# CONFIG_C is not set\n'
  t.same(missingFrom(good, wanted), [])
  t.throws(() => checkConfig('source:6.1', good.replace('NEW_B=m', 'NEW_B=y'), wanted), {
    name: 'HostError',
    message: /CONFIG_B=m or CONFIG_NEW_B=m \(for and more\)/,
  })
  t.throws(() => checkConfig('source:6.1', `${good}CONFIG_C=y\n`, wanted), { message: /CONFIG_C=n/ })
  t.same(missingFrom(good, [...parseFragment('CONFIG_A=m', 'early'), ...wanted]), [], 'the later fragment decides')
})

t.test('lab, debug and a file of one’s own', async (t) => {
  const lab = await readConfiguration('lab')
  const debug = await readConfiguration('debug')
  const gcov = await readConfiguration('gcov')
  t.match(gcov, { folder: 'gcov', wanted: lab.wanted }, 'lab, and more')
  t.match(gcov.wanted.at(-1), { alternatives: [{ symbol: 'CONFIG_GCOV_KERNEL', value: 'y' }] })
  const symbols = await readConfiguration('symbols')
  const asked = symbols.wanted.slice(lab.wanted.length).flatMap(({ alternatives }) => alternatives)
  t.match(symbols, { folder: 'symbols', wanted: lab.wanted }, 'lab, and more')
  for (const symbol of ['CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT', 'CONFIG_PROC_KCORE'])
    t.ok(
      asked.some((one) => one.symbol === symbol && one.value === 'y'),
      symbol,
    )
  t.ok(lab.wanted.length > 80)
  t.ok(
    lab.wanted.every(({ why }) => why !== ''),
    'each symbol says who needs it',
  )
  t.ok(debug.wanted.some(({ alternatives }) => alternatives[0]?.symbol === 'CONFIG_KASAN'))
  t.same(debug.wanted.slice(0, lab.wanted.length), lab.wanted, 'debug is lab and more')
  await t.rejects(readConfiguration('labb'), { name: 'UsageError', message: /“labb”.*lab, debug/ })
})

const diff = 'diff --git a/f b/f\n'

t.test('a series is put in order', async (t) => {
  const mails = [
    { subject: '[PATCH v2 2/2] mm: two', diff },
    { subject: 'Re: [PATCH v2 2/2] mm: two', diff },
    { subject: '[PATCH v2 0/2] mm: cover', diff: '' },
    { subject: '[RFC PATCH v2 1/2] mm: one', diff },
  ]
  t.same(
    seriesOf(mails, 'f').map(({ subject }) => subject),
    ['mm: one', 'mm: two'],
  )
  t.throws(() => seriesOf(mails.slice(1), 'f'), { name: 'UsageError', message: /f lacks patch 2\/2/ })
  t.throws(() => seriesOf([...mails, ...mails], 'f'), { message: /patch 1\/2 twice/ })
  t.throws(() => seriesOf([...mails, { subject: '[PATCH v3 1/2] mm: one', diff }], 'f'), {
    message: /several series \(2 patches, v2; 2 patches, v3\)/,
  })
  t.throws(() => seriesOf(mails.slice(2, 3), 'f'), { message: /holds no patch/ })
  t.same(
    seriesOf(
      [
        { subject: '[PATCH] a', diff },
        { subject: 'b', diff },
      ],
      'f',
    ).map(({ subject }) => subject),
    ['a', 'b'],
    'mails without numbers stay as they are',
  )
})

t.test('the compiler’s words', async (t) => {
  const stderr = [
    'make[1]: Entering directory',
    '/w/source/mm/x.c: In function ‘f’:',
    '/w/source/mm/x.c:2:1: error: no',
    '    2 | x',
    'make[2]: *** [x.o] Error 1',
  ].join('\n')
  t.same(compilerWords(stderr, '/w/source'), ['mm/x.c: In function ‘f’:', 'mm/x.c:2:1: error: no', '    2 | x'])
  t.equal(compilerWords('warning: 1\n'.repeat(40), '/w').length, 12, 'without an error, the last lines')
  t.notOk(wantsOlderCompiler(compilerWords(stderr, '/w/source')))
  for (const words of [
    ['stddef.h:11:9: error: cannot use keyword ‘false’ as enumeration constant'],
    [
      'types.h:30:33: error: ‘bool’ cannot be defined via ‘typedef’',
      'note: ‘bool’ is a keyword with ‘-std=c23’ onwards',
    ],
  ])
    t.ok(wantsOlderCompiler(words), 'as GCC 15.3 has them')
})

t.test('the gcov of a compiler', async (t) => {
  for (const [compiler, gcov] of [
    ['gcc', 'gcov'],
    ['gcc-12', 'gcov-12'],
    ['/opt/bin/x86_64-linux-gnu-gcc-14', '/opt/bin/x86_64-linux-gnu-gcov-14'],
  ] as const)
    t.equal(gcovOf(compiler), gcov)
})
