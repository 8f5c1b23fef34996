import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { baseEntries } from '../../guest/base.ts'
import { type CpioEntry, cpioArchive, joinLayers } from '../../guest/cpio.ts'
import { elfLinks } from '../../guest/elf.ts'
import { moduleEntries } from '../../guest/modules.ts'
import { UsageError } from '../../harness/base/errors.ts'

const text = (path: string, data: string, mode?: number): CpioEntry => ({
  path,
  kind: 'file',
  data: Buffer.from(data),
  ...(mode !== undefined && { mode }),
})

const entries: CpioEntry[] = [
  text('usr/bin/tool', '#!/bin/sh\n', 0o755),
  text('etc/odd', 'abc'),
  text('empty', ''),
  { path: 'bin', kind: 'symlink', target: 'usr/bin' },
  { path: 'private', kind: 'directory', mode: 0o700 },
]

const hasCpio = has('cpio')

t.test('the members are listed by cpio, sorted, parents first', { skip: hasCpio }, async (t) => {
  const listed = execFileSync('cpio', ['-t', '--quiet'], { input: cpioArchive(entries), encoding: 'utf8' })
  t.same(listed.trim().split('\n'), ['bin', 'empty', 'etc', 'etc/odd', 'private', 'usr', 'usr/bin', 'usr/bin/tool'])
})

t.test('cpio unpacks contents, modes and links', { skip: hasCpio }, async (t) => {
  const folder = t.testdir()
  unpack(folder, cpioArchive(entries))
  t.equal(readFileSync(join(folder, 'usr/bin/tool'), 'utf8'), '#!/bin/sh\n')
  t.equal(readFileSync(join(folder, 'etc/odd'), 'utf8'), 'abc')
  t.equal(readFileSync(join(folder, 'empty'), 'utf8'), '')
  t.equal(lstatSync(join(folder, 'usr/bin/tool')).mode & 0o777, 0o755)
  t.equal(lstatSync(join(folder, 'etc/odd')).mode & 0o777, 0o644)
  t.equal(lstatSync(join(folder, 'private')).mode & 0o777, 0o700)
  t.equal(readlinkSync(join(folder, 'bin')), 'usr/bin')
})

t.test('file contents of every length modulo four survive', { skip: hasCpio }, async (t) => {
  const folder = t.testdir()
  const lengths = [1, 2, 3, 4, 5, 511, 512, 513]
  unpack(folder, cpioArchive(lengths.map((length) => text('n'.repeat(length % 7) + length, 'x'.repeat(length)))))
  for (const length of lengths) t.equal(lstatSync(join(folder, 'n'.repeat(length % 7) + length)).size, length)
})

t.test('a device is listed with its numbers', { skip: hasCpio }, async (t) => {
  const archive = cpioArchive([{ path: 'dev/console', kind: 'character-device', major: 5, minor: 1 }])
  const listed = execFileSync('cpio', ['-tv', '--quiet'], { input: archive, encoding: 'utf8' })
  t.match(listed, /^crw-------\s+1 root\s+root\s+5,\s+1 Jan\s+1\s+1970 dev\/console$/m)
})

t.test('equal entries give equal bytes, whatever their order', async (t) => {
  t.ok(cpioArchive(entries).equals(cpioArchive([...entries].reverse())))
})

t.test('an archive is a multiple of 512 bytes long, so the next may follow', async (t) => {
  t.equal(cpioArchive(entries).length % 512, 0)
  t.equal(joinLayers([cpioArchive(entries), Buffer.alloc(3)]).length % 512, 0)
})

t.test('layers are archives one after the other', { skip: hasCpio }, async (t) => {
  const base = cpioArchive([text('a', 'base'), text('b', 'base')])
  const joined = joinLayers([base, cpioArchive([text('b', 'later')])])
  t.ok(joined.subarray(0, base.length).equals(base))
  const folder = t.testdir()
  // As the kernel does: each archive in its turn.
  unpack(folder, joined.subarray(0, base.length))
  unpack(folder, joined.subarray(base.length))
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'base')
  t.equal(readFileSync(join(folder, 'b'), 'utf8'), 'later')
})

for (const path of ['/etc/passwd', '../up', 'a/./b', 'a//b', '', 'nul\0'])
  t.test(`${JSON.stringify(path)} is refused as a path`, async (t) => {
    t.throws(() => cpioArchive([text(path, '')]), UsageError)
  })

t.test('modules go below usr/lib, because /lib is a link that a folder would replace', async (t) => {
  const folder = t.testdir({ lib: { modules: { '6.1.0': { 'modules.dep': 'x:', kernel: { 'a.ko': 'elf' } } } } })
  const paths = (await moduleEntries(folder)).map(({ path }) => path).sort()
  t.same(paths, ['usr/lib/modules/6.1.0/kernel/a.ko', 'usr/lib/modules/6.1.0/modules.dep'])
})

t.test('the base layer has a console, an executable init and agent, and a merged /usr', async (t) => {
  const base = new Map((await baseEntries()).map((entry) => [entry.path, entry]))
  t.match(base.get('dev/console'), { kind: 'character-device', major: 5, minor: 1 })
  t.match(base.get('init'), { kind: 'file', mode: 0o755 })
  t.match(base.get('usr/lib/tierlab/agent'), { kind: 'file', mode: 0o755 })
  t.match(base.get('sbin'), { kind: 'symlink', target: 'usr/bin' })
  t.match(base.get('lib64'), { kind: 'symlink', target: 'usr/lib64' })
})

t.test('an ELF file tells what it is linked with', async (t) => {
  const links = elfLinks(readFileSync('/proc/self/exe'))
  t.equal(links?.soname, undefined, 'a program has no name for others')
  t.ok(links?.needed.some((name) => name.startsWith('libc.')))
  t.ok(
    links?.needed.some((name) => name.startsWith('ld-')),
    'the loader is needed too',
  )
})

t.test('what is no ELF file is linked with nothing', async (t) => {
  t.equal(elfLinks(Buffer.from('#!/bin/sh\n')), undefined)
  t.equal(elfLinks(Buffer.alloc(64)), undefined)
  t.equal(elfLinks(Buffer.alloc(0)), undefined)
})

for (const script of ['init', 'agent', 'shell', 'observe'])
  t.test(`shellcheck has nothing to say of ${script}`, { skip: has('shellcheck') }, async (t) => {
    const path = new URL(`../../guest/${script}`, import.meta.url).pathname
    t.doesNotThrow(() => execFileSync('shellcheck', [path], { encoding: 'utf8' }))
  })

/** What tap takes as the reason to skip; false when the program is there. */
function has(program: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`])
    return false
  } catch {
    return `${program} is not installed`
  }
}

function unpack(folder: string, archive: Buffer): void {
  execFileSync('cpio', ['-idmu', '--no-absolute-filenames', '--quiet'], { cwd: folder, input: archive })
}
