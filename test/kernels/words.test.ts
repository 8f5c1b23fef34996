import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Package } from '../../kernels/apt.ts'
import { familySources } from '../../kernels/apt-state.ts'
import { candidatesOf, choose, familiesFor, suggestions } from '../../kernels/choice.ts'
import { compareDebianVersions } from '../../kernels/debian-version.ts'
import { seriesOf } from '../../kernels/host-release.ts'
import { bzImageBanner, readImage } from '../../kernels/image.ts'
import { wantedClosure } from '../../kernels/module-tree.ts'
import { isWantedModule, moduleName } from '../../kernels/modules.ts'
import { hostMirrors, parseDeb822, parseOneLine } from '../../kernels/sources.ts'
import { parseKernelSpec } from '../../kernels/spec.ts'
import { bzImage, moduleFile, writeFiles } from './fixtures.ts'

t.test('the words for kernels', async (t) => {
  t.same(parseKernelSpec('debian'), { kind: 'default' })
  for (const wanted of ['6.1', '7', '6.12.95', '6.1.192-2', '7.3.4-1~bpo13+1'])
    t.same(parseKernelSpec(`debian:${wanted}`), { kind: 'debian', wanted })
  t.same(parseKernelSpec('image:a/b,c'), { kind: 'image', path: 'a/b,c', modules: undefined })
  t.same(parseKernelSpec('image:/b,modules=/m'), { kind: 'image', path: '/b', modules: '/m' })
  for (const wrong of [
    '',
    'debian:',
    'debian:new',
    'Debian',
    'image:',
    'image:/b,modules=',
    'image:/b,initrd=/i',
    '6.1',
  ])
    t.throws(() => parseKernelSpec(wrong), { name: 'UsageError', message: /debian:6\.12\.95.*image:PATH/ }, wrong)
})

t.test('debian means the default kernel of the host’s release', async (t) => {
  t.equal(seriesOf('ID=debian\nVERSION_CODENAME=bookworm\n'), '6.1')
  t.equal(seriesOf('VERSION_CODENAME="trixie"\n'), '6.12')
  t.throws(() => seriesOf('VERSION_CODENAME=noble\n'), { name: 'UsageError', message: /noble.*debian:6\.12/ })
  t.throws(() => seriesOf('ID=debian\n'), { name: 'UsageError' })
})

t.test('Debian’s order of versions', async (t) => {
  const rising = [
    '6.1~rc1-1',
    '6.1-1',
    '6.1.9-1',
    '6.1.192-1',
    '6.1.192-2',
    '6.12.95-1~bpo12+1',
    '6.12.95-1~deb12u1',
    '6.12.95-1',
    '6.12.95-1+b1',
    '6.12.95-1.1',
    '6.12.95-2',
    '1:1.0-1',
  ]
  for (const [at, version] of rising.entries()) {
    t.equal(compareDebianVersions(version, version), 0)
    for (const newer of rising.slice(at + 1)) {
      t.ok(compareDebianVersions(version, newer) < 0, `${version} < ${newer}`)
      t.ok(compareDebianVersions(newer, version) > 0, `${newer} > ${version}`)
    }
  }
})

function image(release: string, version: string): Package {
  const name = `linux-image-${release}`
  return { name, version, architecture: 'amd64', filename: '', sha256: '', size_bytes: 1, depends: '' }
}

const OFFERED = [
  ...candidatesOf('bookworm', [
    image('6.1.0-53-cloud-amd64', '6.1.187-1'),
    image('6.1.0-56-cloud-amd64', '6.1.192-2'),
    image('6.1.0-56-cloud-amd64-unsigned', '6.1.192-2'),
    image('6.1.0-56-cloud-amd64-dbg', '6.1.192-2'),
    image('6.12-cloud-amd64', '6.12.117-1~deb12u1'),
    image('6.12.117+deb12-cloud-amd64', '6.12.117-1~deb12u1'),
    image('cloud-amd64', '6.1.192-2'),
  ]),
  ...candidatesOf('trixie', [
    image('6.12.95+deb13-cloud-amd64', '6.12.95-1'),
    image('6.12.115+deb13-cloud-amd64', '6.12.115-1'),
    image('6.12.115+deb13.1-cloud-amd64', '6.12.115-2'),
    image('6.12.117+deb13-cloud-amd64', '6.12.117-1'),
    image('7.2.13+deb13-cloud-amd64', '7.2.13-1~bpo13+1'),
    image('7.3.4+deb13-cloud-amd64', '7.3.4-1~bpo13+1'),
  ]),
  ...candidatesOf('sid', [image('7.2.13+deb14-cloud-amd64', '7.2.13-1')]),
]

/** As the search does it: group by group. */
function chosen(wanted: string): string | undefined {
  for (const families of familiesFor(wanted)) {
    const found = choose(
      wanted,
      OFFERED.filter(({ family }) => families.includes(family)),
      families,
    )
    if (found) return `${found.family} ${found.release}`
  }
  return undefined
}

t.test('which package a word chooses', async (t) => {
  t.equal(OFFERED.length, 10, 'no unsigned twins, debug symbols or packages that only depend on the newest')
  t.equal(chosen('6.1'), 'bookworm 6.1.0-56-cloud-amd64')
  t.equal(chosen('6.1.187'), 'bookworm 6.1.0-53-cloud-amd64')
  t.equal(chosen('6.12'), 'trixie 6.12.117+deb13-cloud-amd64', 'not the backport of the same version')
  t.equal(chosen('6.12.117-1~deb12u1'), 'bookworm 6.12.117+deb12-cloud-amd64', 'unless it is named')
  t.equal(chosen('6.12.115'), 'trixie 6.12.115+deb13.1-cloud-amd64', 'the later revision')
  t.equal(chosen('6.12.115-1'), 'trixie 6.12.115+deb13-cloud-amd64')
  t.equal(chosen('7'), 'trixie 7.3.4+deb13-cloud-amd64')
  t.equal(chosen('7.2'), 'trixie 7.2.13+deb13-cloud-amd64', 'the same upstream version: in the order of families')
  t.equal(chosen('7.2.13-1'), 'sid 7.2.13+deb14-cloud-amd64')
  for (const none of ['6', '6.12.1', '6.12.11', '8', '7.3.4-1'])
    if (none !== '6') t.equal(chosen(none), undefined, none)
  t.same(suggestions('6.12.1', OFFERED), ['6.12.117', '6.12.115', '6.12.95'])
  t.same(suggestions('9', OFFERED), ['7.3.4', '7.2.13', '6.12.117', '6.1.192'])
})

const KEY = ' -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----'

t.test('apt’s one-line sources', async (t) => {
  const sources = parseOneLine(`
# deb http://old.example/debian bookworm main
deb-src http://m.example/debian bookworm main
deb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg trusted=yes] http://m.example/debian bookworm main contrib # ours
deb http://m.example/debian bookworm-updates main`)
  t.same(sources, [
    {
      uri: 'http://m.example/debian',
      suites: ['bookworm'],
      components: ['main', 'contrib'],
      signedBy: '/k/a.gpg /k/b.gpg',
      trusted: true,
    },
    {
      uri: 'http://m.example/debian',
      suites: ['bookworm-updates'],
      components: ['main'],
      signedBy: undefined,
      trusted: false,
    },
  ])
})

t.test('apt’s deb822 sources, with an embedded key', async (t) => {
  const sources = parseDeb822(`# a comment
Types: deb deb-src
URIs: http://a.example/debian/ http://b.example/debian/
Suites: bookworm
 bookworm-updates
# in between
Components: main
Signed-By:
${KEY}

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://src.example/debian
Suites: bookworm
Components: main
`)
  t.same(
    sources.map(({ uri, suites }) => [uri, suites]),
    [
      ['http://a.example/debian/', ['bookworm', 'bookworm-updates']],
      ['http://b.example/debian/', ['bookworm', 'bookworm-updates']],
    ],
  )
  const [main] = sources
  if (main === undefined) throw new Error('no source')
  const written = familySources('sid', { main, security: undefined })
  t.same(parseDeb822(written)[0]?.signedBy, main.signedBy, 'the key survives being written')
  t.match(written, KEY)
})

t.test('the host’s mirrors, and other suites on them', async (t) => {
  const etc = t.testdir()
  await writeFiles(etc, {
    'sources.list': 'deb http://vendor.example/prod bookworm main\ndeb http://docker.example/debian bookworm stable\n',
    'sources.list.d/debian.sources': `Types: deb
URIs: http://m.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://m.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
    'sources.list.d/x.sources.disabled':
      'Types: deb\nURIs: http://no.example/debian\nSuites: trixie\nComponents: main\n',
  })
  const mirrors = await hostMirrors(etc)
  t.equal(mirrors.main.uri, 'http://m.example/debian')
  t.equal(mirrors.security?.uri, 'http://m.example/debian-security')
  const trixie = parseDeb822(familySources('trixie', mirrors))
  t.same(
    trixie.map(({ uri, suites }) => [uri, suites]),
    [
      ['http://m.example/debian', ['trixie', 'trixie-updates', 'trixie-backports']],
      ['http://m.example/debian-security', ['trixie-security']],
    ],
  )
  t.same(
    parseDeb822(familySources('sid', mirrors)).map(({ suites }) => suites),
    [['sid']],
    'sid has no security, updates or backports',
  )
  const none = join(etc, 'none')
  await mkdir(none)
  await t.rejects(hostMirrors(none), { name: 'HostError', message: /name no Debian archive/ })
})

t.test('what a kernel image says of itself', async (t) => {
  const folder = t.testdir()
  const file = async (name: string, content: Buffer | string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  const debian = '6.1.0-56-cloud-amd64 (debian-kernel@x) #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)'
  t.equal(bzImageBanner(bzImage(debian)), debian)
  t.same(await readImage(await file('a', bzImage(debian))), { release: '6.1.0-56-cloud-amd64', version: [6, 1, 192] })
  t.same(await readImage(await file('b', bzImage('6.18.0-rc3-mine+ (me@here) #3 SMP'))), {
    release: '6.18.0-rc3-mine+',
    version: [6, 18, 0],
  })
  const elf = Buffer.concat([
    moduleFile({}),
    Buffer.alloc(1024 * 1024 - 300),
    Buffer.from('Linux version %s (\0Linux version 6.6.1+ (me@here) (gcc) #1 SMP\n\0'),
  ])
  t.same(await readImage(await file('c', elf)), { release: '6.6.1+', version: [6, 6, 1] }, 'a vmlinux')
  for (const wrong of ['', 'hello', moduleFile({}), bzImage('').subarray(0, 0x208), bzImage('nonsense (x)')])
    await t.rejects(readImage(await file('d', wrong)), { name: 'UsageError', message: /is no bootable kernel image/ })
  await t.rejects(readImage(join(folder, 'nosuch')), { name: 'UsageError', message: /check the path/ })
  await t.rejects(readImage(folder), { name: 'UsageError' }, 'a folder')
})

t.test('modules that guests want', async (t) => {
  for (const path of [
    'kernel/drivers/dax/hmem/dax_hmem.ko.xz',
    'updates/drivers/cxl/cxl_mem.ko',
    'kernel/mm/hwpoison-inject.ko',
  ])
    t.ok(isWantedModule(path), path)
  for (const path of ['kernel/drivers/net/virtio_net.ko', 'kernel/lib/test/inject/a.ko', 'kernel/drivers/dax/x.o'])
    t.notOk(isWantedModule(path), path)
  t.equal(moduleName('kernel/lib/memory-notifier-error-inject.ko.zst'), 'memory_notifier_error_inject')
  const dep = `kernel/drivers/nvdimm/nd_pmem.ko: kernel/drivers/misc/a.ko kernel/lib/b.ko
kernel/fs/c.ko: kernel/lib/d.ko
kernel/lib/b.ko:
`
  t.same(wantedClosure(dep), ['kernel/drivers/misc/a.ko', 'kernel/drivers/nvdimm/nd_pmem.ko', 'kernel/lib/b.ko'])
})
