import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../../harness/base/store.ts'
import { resolveKernel } from '../../../kernels/index.ts'
import { openOrigin } from '../../../kernels/source/origin.ts'
import { commandsOfDocs } from '../../docs/commands.ts'
import { howTested, shortened } from '../../docs/how.ts'
import { readersFolder, type Said, type } from '../../docs/reader.ts'
import { makeHistory } from './history.ts'
import { skip } from './tools.ts'

const options = { store: new Store(), log: () => {} }

t.test('each command line of the docs that builds a kernel', { skip }, async (t) => {
  const place = t.testdir({ clone: {} })
  const folder = readersFolder(join(place, 'clone'))
  await aTree(place, folder)
  const built = await resolveKernel('source:6.1', { ...options, etc: '/etc/apt' })
  await mkdir(join(folder, 'arch/x86/boot'), { recursive: true })
  await symlink(built.image, join(folder, 'arch/x86/boot/bzImage'))
  const typed = new Set<string>()
  for (const { page, line } of commandsOfDocs()) {
    if (howTested(line).run !== 'build' || typed.has(line)) continue
    typed.add(line)
    // One series of sources is enough to build.
    const here = shortened(line)
      .replaceAll('source:6.12', 'source:6.1')
      .replace('/tmp/mods', built.modulesFolder ?? '')
      .replace('/path/to', folder)
    const began = Date.now()
    const said = await type(folder, here)
    t.comment(`${((Date.now() - began) / 1000).toFixed(1)} s  ${line}`)
    if (!t.ok(isRight(line, said), `${page}: ${line}`)) t.comment(`${said.stdout}${said.stderr}`)
  }
  t.ok(typed.size > 10)
})

/** The culprit is in the series and in the history, and what names it says so. */
function isRight(line: string, { status, stdout, stderr }: Said): boolean {
  // Debian’s kernels are as they should be, which is said before anything is looked for.
  if (line.includes('--bad debian:')) return status === 2 && stderr.includes('The bad one is good')
  if (/tierlab bisect|^git .* bisect run/.test(line)) return status === 0 && stdout.includes('change 2 of 3')
  if (line.includes('tierlab mutate')) return status === 0 && stdout.includes('killed')
  // These scenarios see it; the one that stands for all others does not.
  if (/tierlab series .*scenarios/.test(line)) return status === 1 && stdout.includes('change 2 of 3')
  return status === 0
}

/** `../linux`, with the tags and branches of the pages; a patch of one commit of it, and a series of all. */
async function aTree(place: string, folder: string): Promise<void> {
  const origin = await openOrigin(
    { kind: 'source', wanted: '6.1', config: 'lab', changes: [] },
    { ...options, etc: '/etc/apt' },
  )
  const history = await makeHistory(place, origin, {
    ...{ commits: 3, culprit: 2, broken: 0, name: 'notifier-deaf-to-offline' },
  })
  const tags = Object.entries({ 'v6.12': history.first, A: history.first, 'v6.13': history.last, B: history.last })
  const lines = [
    'git clone --quiet --shared --no-checkout history.git linux',
    ...tags.map(([tag, commit]) => `git -C linux tag ${tag} ${commit}`),
    `git -C linux branch topic ${history.last}`,
    'git -C linux checkout --quiet v6.12',
    'git -C linux format-patch --quiet --stdout v6.12..v6.13 > clone/series.mbox',
    'git -C linux format-patch --quiet --stdout v6.12..v6.13~2 > clone/my.patch',
  ]
  const { status, stderr } = await type(folder, `cd ..; ${lines.join(' && ')}`)
  if (status !== 0) throw new Error(stderr)
}
