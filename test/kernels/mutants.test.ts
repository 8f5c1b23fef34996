import { readFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import t from 'tap'
import { nearest } from '../../harness/base/nearest.ts'
import { parseRelease } from '../../harness/base/release.ts'
import { loadScenarios } from '../../harness/run/load.ts'
import { appliesTo } from '../../harness/scenario.ts'
import { applyMutant, isEquivalent, type Mutant, mutant, mutants, parseMutant } from '../../kernels/mutants.ts'

const all = await mutants()
const SCENARIOS = resolve(import.meta.dirname, '../../scenarios')
const scenarios = new Map(
  (await loadScenarios([])).map(({ scenario, file }) => [relative(SCENARIOS, resolve(file)), scenario]),
)
const equalOnAll = (one: Mutant) => one.kernels.every((series) => isEquivalent(one, series))

t.test('there are enough mutants, on each kernel', async (t) => {
  t.ok(all.length >= 40, `${all.length} mutants`)
  t.ok(all.filter((one) => !equalOnAll(one)).length >= 35)
  for (const series of ['6.1', '6.12', '7'] as const) {
    const there = all.filter((one) => one.kernels.includes(series) && !isEquivalent(one, series))
    t.ok(there.length >= 35, `${there.length} on ${series}`)
  }
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
})

t.test('no two mutants are one: their semantic patches differ', async (t) => {
  const bodies = new Map<string, string>()
  for (const { name, path } of all) {
    const body = (await readFile(path, 'utf8')).replace(/^(\/\/.*\n)+/, '').trim()
    t.equal(bodies.get(body), undefined, name)
    bodies.set(body, name)
  }
})

t.test('each says what it breaks, in files of a kernel, as sentences', async (t) => {
  for (const { name, breaks, noticed, files, elsewhere, equivalent } of all) {
    for (const sentence of [breaks, noticed]) t.match(sentence, /^\S.*\.$/, name)
    for (const file of files) t.match(file, /^(mm|drivers|include)\/[a-z0-9/_-]+\.[ch]$/, name)
    for (const reason of [elsewhere, equivalent?.proof]) t.notMatch(reason ?? 'a reason', /^\s*$/, name)
    t.ok(equivalent === undefined || equivalent.proof.length > 60, `${name}: a proof`)
  }
})

t.test('on each kernel where it differs there is a scenario that may notice', async (t) => {
  for (const one of all) {
    for (const file of one.likely) t.ok(scenarios.has(file), `${one.name}: ${file}`)
    for (const series of one.kernels.filter((series) => !isEquivalent(one, series) && one.config === undefined)) {
      const release = parseRelease(series === '7' ? '7.3' : series === '6.12' ? '6.12.118' : '6.1.192') ?? [0, 0, 0]
      const some = one.likely.some((file) => {
        const scenario = scenarios.get(file)
        return scenario !== undefined && appliesTo(scenario, release)
      })
      t.ok(some, `${one.name} on ${series}`)
    }
  }
})

t.test('a name that does not exist is answered with the nearest', async (t) => {
  t.match(await mutant('v13-constants'), { name: 'v13-constants', files: [/memory-tiers\.h/, /kmem\.c/] })
  await t.rejects(mutant('v13-constant'), {
    name: 'UsageError',
    message: /“v13-constant”; did you mean “v13-constants”\?/,
  })
  await t.rejects(mutant('x'), { name: 'UsageError', message: /kernels\/mutants has them all/ })
  t.equal(nearest('clean-missing', ['clear-missing', 'clear']), 'clear-missing')
  t.equal(nearest('abc', ['xyz', 'ab']), 'ab')
  t.equal(nearest('abc', []), undefined)
})

const HEADER = `// breaks: A rule.
// noticed: Somewhere,
//   at some time.
// files: mm/memory-tiers.c, drivers/dax/kmem.c
// kernels: 6.1, 6.12
// elsewhere: a reason
// likely: boot/x.ts, kmem/y.ts
// equivalent on 6.1: a proof
`

t.test('a header is read', async (t) => {
  t.same(parseMutant('folder/a-name.cocci', `${HEADER}\n@@ @@\n// breaks: no header any more\n`), {
    name: 'a-name',
    path: 'folder/a-name.cocci',
    breaks: 'A rule.',
    noticed: 'Somewhere, at some time.',
    files: ['mm/memory-tiers.c', 'drivers/dax/kmem.c'],
    kernels: ['6.1', '6.12'],
    elsewhere: 'a reason',
    likely: ['boot/x.ts', 'kmem/y.ts'],
    config: undefined,
    equivalent: { kernels: ['6.1'], proof: 'a proof' },
  })
  const everywhere = parseMutant('a.cocci', `${HEADER.replace(' on 6.1', '')}\n`)
  t.same(everywhere.equivalent?.kernels, ['6.1', '6.12'])
  t.ok(isEquivalent(everywhere, '6.12'))
  t.notOk(isEquivalent(everywhere, '7'))
})

t.test('a bad header is an error that names file and line', async (t) => {
  const wrong = (text: string, message: RegExp, path = 'm/a.cocci') =>
    t.throws(() => parseMutant(path, `${text}\n`), { name: 'UsageError', message }, String(message))
  for (const key of ['breaks', 'files', 'kernels'])
    wrong(HEADER.replace(new RegExp(`^// ${key}:.*\n`, 'm'), ''), new RegExp(`m/a\\.cocci:8: .*lacks “${key}”`))
  wrong(HEADER.replace('breaks', 'brakes'), /m\/a\.cocci:1: .*no “brakes”/)
  wrong(HEADER.replace('breaks', 'breaks on 6.1'), /m\/a\.cocci:1: .*no “breaks on 6\.1”/)
  wrong(`${HEADER}// kernels: 7\n`, /m\/a\.cocci:9: “kernels” is there twice/)
  wrong(HEADER.replace('// noticed: ', '// noticed '), /m\/a\.cocci:2: “\/\/ noticed Somewhere,” is no line/)
  wrong(`//   more\n${HEADER}`, /m\/a\.cocci:1: .*is no line/)
  wrong(HEADER.replace('6.1, 6.12', '6.1, 5.19'), /m\/a\.cocci:5: “5\.19” is none of the kernels 6\.1, 6\.12, 7/)
  wrong(HEADER.replace('on 6.1', 'on 6'), /m\/a\.cocci:8: “6” is none/)
  wrong(HEADER.replace(/\/\/ elsewhere.*\n/, ''), /m\/a\.cocci:5: “elsewhere” says why/)
  wrong(HEADER.replace('6.1, 6.12', '6.1, 6.12, 7'), /m\/a\.cocci:5: “elsewhere” says why/)
  wrong(`${HEADER}// config: fast\n`, /m\/a\.cocci:9: “config” can be debug only/)
  wrong(HEADER.replace(/\/\/ likely.*\n/, ''), /m\/a\.cocci:8: .*lacks “likely”/)
  t.same(parseMutant('a.cocci', `${HEADER.replace(/\/\/ likely.*\n/, '// config: debug\n')}\n`).likely, [])
  wrong(HEADER, /“A_b” is no name/, 'm/A_b.cocci')
})

const PATCH = `// breaks: One is two.
// noticed: Here.
// files: mm/one.c, include/one.h
// kernels: 6.1, 6.12, 7
// likely: x.ts

@@
@@
- one = 1;
+ one = 2;

@@
@@
- #define ONE 1
+ #define ONE 2
`

t.test('a mutant changes the files that it names, all or none', async (t) => {
  const source = 'int one;\nvoid set(void)\n{\n\tone = 1;\n}\n'
  const folder = t.testdir({
    mutants: { 'one-is-two.cocci': PATCH, 'no-patch.cocci': PATCH.replace('@@\n@@\n- one', '- one') },
    tree: { mm: { 'one.c': source, 'other.c': source }, include: { 'one.h': '#define ONE 1\n' } },
    half: { mm: { 'one.c': source }, include: { 'one.h': '#define ONE 3\n' } },
    empty: { mm: { 'one.c': source } },
  })
  const one = await mutant('one-is-two', join(folder, 'mutants'))
  const text = (file: string) => readFile(join(folder, file), 'utf8')

  t.same(await applyMutant(join(folder, 'tree'), one), ['mm/one.c', 'include/one.h'])
  t.equal(await text('tree/mm/one.c'), source.replace('= 1', '= 2'))
  t.match(await text('tree/include/one.h'), /^#define ONE\s2\n$/)
  t.equal(await text('tree/mm/other.c'), source, 'not one of its files')

  const again = applyMutant(join(folder, 'tree'), one)
  await t.rejects(again, { name: 'UsageError', message: /one-is-two does not apply to this tree: .*mm\/one\.c/ })
  await t.rejects(applyMutant(join(folder, 'half'), one), { name: 'UsageError', message: /nothing in include\/one\.h/ })
  t.equal(await text('half/mm/one.c'), source, 'untouched')
  await t.rejects(applyMutant(join(folder, 'empty'), one), { name: 'UsageError', message: /it has no include\/one\.h/ })

  const broken = await mutant('no-patch', join(folder, 'mutants'))
  await t.rejects(applyMutant(join(folder, 'half'), broken), { name: 'HostError', message: /mutant no-patch failed/ })
})

t.test('without spatch the package that has it is named', async (t) => {
  const folder = t.testdir({ mm: { 'memory-tiers.c': 'int x;\n' } })
  const { PATH } = process.env
  t.teardown(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = folder
  const applied = applyMutant(folder, await mutant('chunk-off-by-one'))
  await t.rejects(applied, { name: 'HostError', message: /chunk-off-by-one needs the program spatch.*coccinelle/ })
})

t.test('the catalogue has the points of the review of version 13', async (t) => {
  const names = new Set(all.map(({ path }) => basename(path, '.cocci')))
  for (const name of [
    'v13-constants',
    'clear-missing-on-failed-hot-add',
    'clear-missing-on-remove',
    'last-reference-not-dropped-at-module-exit',
    'wrong-default-distance',
    'memory-dev-type-reference-leak',
    'node-typed-before-its-ranges-are-sized',
    'first-device-to-go-clears-the-type',
  ])
    t.ok(names.has(name), name)
})
