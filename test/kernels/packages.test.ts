import { copyFile, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { HostError, UsageError } from '../../harness/base/errors.ts'
import { Store } from '../../harness/base/store.ts'
import { openApt } from '../../kernels/apt.ts'
import { unpackDeb } from '../../kernels/deb.ts'
import { listKernels, resolveKernel } from '../../kernels/index.ts'
import { bzImage, guestModules, run, type TinyPackage, tinyArchive, writeFiles } from './fixtures.ts'

const OLD = '6.12.9+deb13-cloud-amd64'
const NEW = '6.12.20+deb13-cloud-amd64'
const SPLIT = '7.3.4+deb13-cloud-amd64'

function below(prefix: string, files: Readonly<Record<string, Buffer | string>>): Record<string, Buffer | string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}/${path}`, content]))
}

/** One package with everything, as up to 6.x. */
function wholePackage(
  release: string,
  version: string,
  modules: Readonly<Record<string, Buffer | string>>,
): TinyPackage {
  return {
    name: `linux-image-${release}`,
    version,
    files: {
      [`boot/vmlinuz-${release}`]: bzImage(`${release} (a@b) #1 SMP Debian ${version} (2026-01-01)`),
      [`boot/config-${release}`]: 'CONFIG_VIRTIO_PCI=y\n',
      [`usr/share/doc/${release}/copyright`]: 'not wanted',
      ...below(`usr/lib/modules/${release}`, modules),
      [`usr/lib/modules/${release}/modules.builtin`]: 'kernel/lib/there.ko\n',
    },
  }
}

/** An empty linux-image that depends on three others, as since 7.x. */
function splitPackages(
  release: string,
  version: string,
  modules: Readonly<Record<string, Buffer | string>>,
): TinyPackage[] {
  const parts = ['linux-base', 'linux-binary', 'linux-modules'].map((part) => `${part}-${release} (= ${version})`)
  const at = `usr/lib/modules/${release}`
  return [
    { name: `linux-image-${release}`, version, depends: parts.join(', '), files: {} },
    {
      name: `linux-base-${release}`,
      version,
      files: { [`${at}/config`]: 'CONFIG_X=y\n', [`${at}/modules.order`]: '' },
    },
    { name: `linux-binary-${release}`, version, files: { [`${at}/vmlinuz`]: bzImage(`${release} (a@b) #1 SMP`) } },
    { name: `linux-modules-${release}`, version, files: below(at, modules) },
  ]
}

async function compressed(program: string, suffix: string, folder: string): Promise<Record<string, Buffer>> {
  const result: Record<string, Buffer> = {}
  await writeFiles(folder, guestModules())
  for (const path of Object.keys(guestModules())) {
    await run(program, ['-q', join(folder, path)])
    result[`${path}.${suffix}`] = await readFile(join(folder, `${path}.${suffix}`))
  }
  return result
}

const root = t.testdir()
const store = new Store(join(root, 'cache'))
const sentences: string[] = []
const log = (sentence: string) => sentences.push(sentence)
let etc = ''

t.before(async () => {
  etc = await tinyArchive(root, 'trixie', [
    wholePackage(OLD, '6.12.9-1', await compressed('xz', 'xz', join(root, 'xz'))),
    wholePackage(NEW, '6.12.20-1', guestModules()),
    wholePackage('6.11.1-cloud-amd64', '6.11.1-1', {}),
    ...splitPackages('7.0.4-cloud-amd64', '7.0.4-1', {}).filter(({ name }) => !name.startsWith('linux-modules')),
    ...splitPackages(SPLIT, '7.3.4-1~bpo13+1', await compressed('zstd', 'zst', join(root, 'zst'))),
    {
      name: 'ndctl',
      version: '2:1-1',
      depends: 'libndctl6 (>= 1), libother | libndctl6',
      files: { 'usr/bin/ndctl': 'x' },
    },
    { name: 'libndctl6', version: '1-1', files: { 'usr/lib/libndctl.so.6': 'x' } },
    { name: 'libother', version: '1-1', files: {} },
  ])
})

const EXPECTED = Object.keys(guestModules())
  .filter((path) => !path.includes('unwanted'))
  .sort()

async function modulesIn(folder: string | undefined, release: string): Promise<string[]> {
  const tree = join(folder ?? '', 'lib/modules', release)
  const names = await readdir(tree, { recursive: true })
  return names.filter((name) => /\.ko/.test(name)).sort()
}

t.test('one package with everything: image, configuration, the closure of modules, uncompressed', async (t) => {
  const kernel = await resolveKernel('debian:6.12.9', { store, etc, log })
  t.equal(kernel.name, 'debian:6.12.9-1')
  t.equal(kernel.release, OLD)
  t.same(kernel.version, [6, 12, 9])
  t.same(await modulesIn(kernel.modulesFolder, OLD), EXPECTED)
  const tree = join(kernel.modulesFolder ?? '', 'lib/modules', OLD)
  t.same(await readFile(join(tree, 'kernel/drivers/dax/kmem.ko')), guestModules()['kernel/drivers/dax/kmem.ko'])
  t.match(await readFile(join(tree, 'modules.dep'), 'utf8'), /nfit\.ko:.*needed\.ko/)
  for (const index of ['modules.dep.bin', 'modules.alias.bin', 'modules.builtin.bin'])
    t.ok((await readFile(join(tree, index))).length > 0, index)
  t.match(await readFile(kernel.config ?? '', 'utf8'), 'CONFIG_VIRTIO_PCI')
  t.match(sentences.join('\n'), /does not offer trixie-updates/, 'missing suites are told and not fatal')
})

t.test('several packages, zstd: the same result', async (t) => {
  const kernel = await resolveKernel('debian:7', { store, etc, log })
  t.equal(kernel.name, 'debian:7.3.4-1~bpo13+1')
  t.same(await modulesIn(kernel.modulesFolder, SPLIT), EXPECTED)
  t.equal((await resolveKernel(kernel.name, { store, etc })).hash, kernel.hash, 'its name is a spec that means it')
})

t.test('a kernel of which the archive has only a part', async (t) => {
  await t.rejects(resolveKernel('debian:7.0', { store, etc, log }), {
    name: 'UsageError',
    message: /still has linux-image-7\.0\.4-cloud-amd64 7\.0\.4-1, but no longer linux-modules-7\.0\.4-cloud-amd64,/,
  })
})

t.test('a warm kernel needs no archive; its exact name needs no package lists either', async (t) => {
  await rename(join(root, 'archive'), join(root, 'away'))
  t.teardown(() => rename(join(root, 'away'), join(root, 'archive')))
  const kernel = await resolveKernel('debian:6.12.9', { store, etc })
  const elsewhere = await resolveKernel('debian:6.12.9-1', { store, etc: '/nonexistent' })
  t.equal(elsewhere.hash, kernel.hash)
  await t.rejects(resolveKernel('debian:6.11.1', { store, etc }), HostError)
})

t.test('an altered file in the cache is noticed and built again', async (t) => {
  const kernel = await resolveKernel('debian:6.12.9', { store, etc })
  await writeFile(kernel.image, bzImage('6.6.6-evil (a@b)'))
  sentences.length = 0
  const again = await resolveKernel('debian:6.12.9', { store, etc, log })
  t.match(sentences.join('\n'), /vmlinuz was altered; building it again/)
  t.match((await readFile(again.image)).toString('latin1'), OLD)
})

t.test('a kernel without the needed drivers is refused by name', async (t) => {
  const refused = resolveKernel('debian:6.11.1-1', { store, etc })
  await t.rejects(refused, { name: 'HostError', message: /virtio_console, nfit, libnvdimm.*CONFIG_ACPI_NFIT=m/ })
  await t.resolves(
    refused.catch((error) => t.notMatch(error.message, /virtio_pci/)),
    'built in counts',
  )
})

t.test('a version that Debian lacks names some that it has', async (t) => {
  await t.rejects(resolveKernel('debian:6.12.999', { store, etc }), {
    name: 'UsageError',
    message: /6\.12\.20, 6\.12\.9/,
  })
})

t.test('two processes may fill one entry at once', async (t) => {
  const cache = join(root, 'shared')
  const script = join(root, 'child.mts')
  const repository = new URL('../..', import.meta.url)
  await writeFile(
    script,
    `import { resolveKernel } from '${new URL('kernels/index.ts', repository)}'
     import { Store } from '${new URL('harness/base/store.ts', repository)}'
     const kernel = await resolveKernel('debian:7', { store: new Store('${cache}'), etc: '${etc}' })
     console.log(kernel.hash)`,
  )
  const child = () => run(process.execPath, ['--import', 'tsx', script], { cwd: repository })
  const [a, b] = await Promise.all([child(), child()])
  t.equal(a.stdout, b.stdout)
  t.same(await readdir(join(cache, 'kernel')), [a.stdout.trim()], 'no drafts are left')
})

t.test('kernels list: offered and cached, newest first', async (t) => {
  const rows = await listKernels({ store, etc })
  t.same(
    rows.map(({ name, cached }) => [name, cached]),
    [
      ['debian:7.3.4-1~bpo13+1', true],
      ['debian:7.0.4-1', false],
      ['debian:6.12.20-1', false],
      ['debian:6.12.9-1', true],
      ['debian:6.11.1-1', false],
    ],
  )
})

t.test('lists that have fallen behind the archive are fetched again, once', async (t) => {
  const folder = join(root, 'moving')
  const here = new Store(join(folder, 'cache'))
  const offer = (release: string, version: string) =>
    tinyArchive(folder, 'trixie', [wholePackage(release, version, guestModules())])
  const age = async () => {
    const path = join(here.root, 'apt/trixie/updated.json')
    const stamp: object = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...stamp, updated_ms: Date.now() - 3600_000, tried_ms: 0 }))
  }
  const etc = await offer(OLD, '6.12.9-1')
  await openApt({ store: here, family: 'trixie', etc })
  await age()
  await rm(join(folder, 'archive'), { recursive: true })
  await offer(NEW, '6.12.20-1')
  const kernel = await resolveKernel('debian:6.12', { store: here, etc })
  t.equal(kernel.name, 'debian:6.12.20-1', 'the package that the lists name is gone')
  await age()
  await offer('6.12.30+deb13-cloud-amd64', '6.12.30-1')
  t.equal(
    (await resolveKernel('debian:6.12.30', { store: here, etc })).name,
    'debian:6.12.30-1',
    'not in the lists yet',
  )
})

t.test('apt: patterns, closures, downloads', async (t) => {
  const apt = await openApt({ store, family: 'trixie', etc })
  t.same((await apt.versions('lib*')).map(({ name }) => name).sort(), ['libndctl6', 'libother'])
  t.same(await apt.versions('lib.dctl6'), [], 'a dot is a dot')
  const closure = await apt.closure(['ndctl'])
  t.same(
    closure.map(({ name, version }) => `${name} ${version}`),
    ['libndctl6 1-1', 'ndctl 2:1-1'],
  )
  await t.rejects(apt.closure(['nosuch']), UsageError)
  const [, ndctl] = closure
  if (ndctl === undefined) throw new Error('no ndctl')
  const deb = await apt.download(ndctl)
  await truncate(deb, 100)
  t.equal(await apt.download(ndctl), deb, 'a truncated package is fetched again')
  t.resolves(run('dpkg-deb', ['-I', deb]))
  await t.rejects(apt.download({ ...ndctl, sha256: '0'.repeat(64) }), HostError)
})

t.test('a damaged .deb is noticed, wherever it was cut', async (t) => {
  const whole = join(root, 'archive/pool', `linux-image-${NEW}_6.12.20-1_amd64.deb`)
  const deb = join(root, 'short.deb')
  const { size } = await stat(whole)
  for (const part of [0.1, 0.3, 0.5, 0.7, 0.9, 0.97]) {
    await copyFile(whole, deb)
    await truncate(deb, Math.floor(size * part))
    const unpacking = unpackDeb(deb, (path) => join(root, 'short', path))
    await t.rejects(unpacking, { name: 'HostError', message: /damaged/ }, `${part} of it`)
  }
})

t.test('image: a kernel of the user’s, with modules and without', async (t) => {
  const image = join(root, 'bzImage')
  await writeFile(image, bzImage('6.18.0-mine+ (me@here) #3 SMP'))
  const bare = await resolveKernel(`image:${image}`, { store })
  t.match(bare, { release: '6.18.0-mine+', version: [6, 18, 0], name: `image:${image}` })
  t.equal(bare.modulesFolder, undefined)
  const tree = join(root, 'mods/lib/modules/6.18.0-mine+')
  await writeFiles(tree, guestModules())
  const full = await resolveKernel(`image:${image},modules=${join(root, 'mods')}`, { store })
  t.same(await modulesIn(full.modulesFolder, '6.18.0-mine+'), EXPECTED)
  t.not(full.hash, bare.hash)
  t.equal((await resolveKernel(`image:${image},modules=${tree}`, { store })).hash, full.hash, 'the folder itself')
  t.same((await readdir(tree)).sort(), ['kernel'], 'the user’s folder is left alone')
  await mkdir(join(root, 'empty'))
  await t.rejects(resolveKernel(`image:${image},modules=${join(root, 'empty')}`, { store }), UsageError)
})
