import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { cachedEntries, cacheRests, pruneCache, verifyCache } from '../../harness/base/cache.ts'
import { forgetUses, noteUse, takeUnused } from '../../harness/base/in-use.ts'
import { MiB, parseSize, roughSize } from '../../harness/base/size.ts'
import { Store } from '../../harness/base/store.ts'

const HARNESS = new URL('../../harness/base/', import.meta.url)

/** A cache with entries of a MiB that nobody uses now, the first the longest ago. */
async function cacheOf(root: string, names: readonly string[]): Promise<Store> {
  const store = new Store(root)
  for (const [index, name] of names.entries()) {
    const { folder } = await store.entry('thing', name, (draft) => writeFile(join(draft, 'data'), Buffer.alloc(MiB, 7)))
    await utimes(folder, new Date(), new Date(Date.now() - 1000_000 + index * 1000))
  }
  return store
}

/** So that nothing is in use by this process, which has made it. */
async function disown(root: string): Promise<void> {
  await rename(join(root, 'in-use', String(process.pid)), join(root, 'in-use', '999999999'))
}

/** Another process with a store. It ends when it is told to, or at its script's end; what it says comes in lines. */
function other(root: string, script: string) {
  const text = `
    import { readFile, writeFile } from 'node:fs/promises'
    import { pruneCache } from '${new URL('cache.ts', HARNESS)}'
    import { Store } from '${new URL('store.ts', HARNESS)}'
    const store = new Store('${root}')
    const say = (word) => console.log(word)
    ${script}`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  const ended = new Promise<string[]>((resolve) => child.once('close', () => resolve(lines)))
  return {
    ended,
    async says(word: string) {
      while (!lines.includes(word)) {
        if (child.exitCode !== null) throw new Error('the other process ended')
        await sleep(5)
      }
    },
    kill: () => {
      child.kill('SIGKILL')
      return ended
    },
    end: () => {
      child.stdin.end()
      return ended
    },
  }
}

/** Another process that has got an entry, and holds it until it is told to end. */
async function holder(root: string, name: string) {
  const process = other(
    root,
    `await store.entry('thing', '${name}', async () => {})
     say('held')
     process.stdin.resume()
     process.stdin.on('end', () => process.exit())`,
  )
  await process.says('held')
  return process
}

t.test('what was used longest ago goes first, and what is in use stays', async (t) => {
  const root = t.testdir()
  await cacheOf(root, ['a', 'b', 'c', 'd'])
  const names = async () => (await cachedEntries(new Store(root))).map(({ hash }) => hash)
  const before = await names()
  t.equal(before.length, 4)
  t.ok(
    (await cachedEntries(new Store(root))).every(({ in_use }) => in_use),
    'this process has just made them',
  )
  t.same(await pruneCache(new Store(root), 0), [], 'so none may go')
  await disown(root)
  const child = await holder(root, 'a')
  const removed = await pruneCache(new Store(root), 2.5 * MiB)
  t.same(
    removed.map(({ hash }) => hash),
    [before[2], before[1]],
    'b and c: a is held, and d fits',
  )
  t.notOk(existsSync(join(root, 'in-use', '999999999')), 'a process that is no more uses nothing')
  await child.kill()
  t.equal((await pruneCache(new Store(root), 0)).length, 2, 'and a killed one neither')
  t.same(await names(), [])
})

t.test('a process that forgets its uses has used last what it used first', async (t) => {
  const root = t.testdir()
  await cacheOf(root, ['kernel', 'one', 'two'])
  const newestLast = (await cachedEntries(new Store(root))).map(({ hash }) => hash)
  await forgetUses(root)
  const after = await cachedEntries(new Store(root))
  t.same(
    after.map(({ hash }) => hash),
    newestLast.toReversed(),
  )
  t.ok(after.every(({ in_use }) => !in_use))
  await new Store(root).entry('thing', 'one', async () => {})
  t.equal((await cachedEntries(new Store(root))).filter(({ in_use }) => in_use).length, 1, 'and may use them again')
})

t.test('a process that ends uses nothing any more', async (t) => {
  const root = t.testdir()
  await cacheOf(root, [])
  const child = await holder(root, 'x')
  t.match(await cachedEntries(new Store(root)), [{ in_use: true }])
  await child.end()
  t.same(await readdir(join(root, 'in-use')), [])
  t.match(await cachedEntries(new Store(root)), [{ in_use: false }])
})

t.test('drafts: of the dead swept, of the living left', async (t) => {
  const root = t.testdir()
  await cacheOf(root, [])
  const drafts = [`.draft-999999999-dead`, `.draft-${process.pid}-alive`].map((name) => join(root, 'thing', name))
  for (const draft of drafts) await mkdir(draft, { recursive: true })
  await pruneCache(new Store(root), 0)
  t.same(drafts.map(existsSync), [false, true])
})

t.test('two processes that prune at once remove each entry once', async (t) => {
  const root = t.testdir()
  await cacheOf(root, ['a', 'b', 'c', 'd', 'e', 'f'])
  await disown(root)
  const script = `for (const { hash } of await pruneCache(store, 0)) say(hash)`
  const removed = await Promise.all([other(root, script).ended, other(root, script).ended])
  t.equal(new Set(removed.flat()).size, 6)
  t.equal(removed.flat().length, 6)
  t.same(await readdir(join(root, 'thing')), [])
})

t.test('what another process builds is left to it, and is its own afterwards', async (t) => {
  const root = t.testdir()
  await cacheOf(root, [])
  const child = other(
    root,
    `const { folder } = await store.entry('thing', 'slow', async (draft) => {
       await writeFile(draft + '/data', 'content')
       say('building')
       await new Promise((resolve) => process.stdin.resume().on('end', resolve))
     })
     say(await readFile(folder + '/data', 'utf8'))`,
  )
  await child.says('building')
  t.same(await pruneCache(new Store(root), 0), [])
  const ended = child.end()
  let over = false
  void ended.then(() => {
    over = true
  })
  // As soon as it has ended, what it has built may go.
  while (!over) await pruneCache(new Store(root), 0)
  t.same(await ended, ['building', 'content'])
})

t.test('what one process takes into use while another removes it is either there, or built again', async (t) => {
  const root = t.testdir()
  const names = Array.from({ length: 60 }, (_, index) => `n${index}`)
  const store = new Store(root)
  const make = (draft: string) => writeFile(join(draft, 'data'), 'old')
  await Promise.all(names.map((name) => store.entry('thing', name, make)))
  await disown(root)
  const child = other(
    root,
    `process.stdin.resume()
     say('ready')
     await new Promise((resolve) => process.stdin.on('end', resolve))
     for (const name of ${JSON.stringify(names)}.reverse()) {
       const { folder } = await store.entry('thing', name, (draft) => writeFile(draft + '/data', 'new'))
       say(await readFile(folder + '/data', 'utf8'))
     }`,
  )
  await child.says('ready')
  const ended = child.end()
  await pruneCache(store, 0)
  const [, ...data] = await ended
  t.equal(data.length, names.length)
  t.comment(`${data.filter((word) => word === 'old').length} were taken into use in time`)
  t.same(
    data.filter((word) => word !== 'old' && word !== 'new'),
    [],
  )
})

t.test('who comes while an entry is taken away waits; the dead are not waited for', async (t) => {
  const root = t.testdir()
  const [kind, hash] = ['thing', 'x']
  const going = join(root, 'in-use', 'going-thing-x')
  const order: string[] = []
  const never = async () => void t.fail('it was taken')
  const taken = takeUnused(root, { kind, hash }, async () => {
    void noteUse(root, kind, hash).then(() => order.push('noted'))
    t.notOk(await takeUnused(root, { kind, hash }, never), 'one at a time')
    await sleep(40)
    order.push('taken')
  })
  t.ok(await taken)
  await noteUse(root, kind, hash)
  t.equal(order[0], 'taken')
  t.notOk(await takeUnused(root, { kind, hash }, never), 'it is in use now')
  await symlink('999999999', going)
  await noteUse(root, kind, hash)
  await disown(root)
  t.ok(await takeUnused(root, { kind, hash }, async () => {}))
  t.same(await readdir(join(root, 'in-use')), [])
})

t.test('all of it is read, and what is damaged is named', async (t) => {
  const root = t.testdir()
  const store = await cacheOf(root, ['a', 'b'])
  const { folder } = await store.entry('thing', 'a', async () => {})
  await truncate(join(folder, 'data'), 5)
  const found: (string | null)[] = []
  for await (const { damage } of verifyCache(store)) found.push(damage)
  t.same(found.toSorted(), ['data was truncated or extended', null])
  await mkdir(join(root, 'apt'))
  await writeFile(join(root, 'apt', 'lists'), Buffer.alloc(MiB))
  const [rest] = await cacheRests(store)
  t.equal(rest?.folder, 'apt', 'what is no entry is counted apart')
  t.ok((rest?.bytes ?? 0) >= MiB)
})

t.test('sizes as people write and read them', async (t) => {
  for (const [text, bytes] of [
    ['5GiB', 5 * 1024 * MiB],
    ['1.5 G', 1536 * MiB],
    ['800mb', 800 * MiB],
    ['4096', 4096],
    ['1T', 1024 * 1024 * MiB],
    ['5x', undefined],
    ['', undefined],
    ['-1', undefined],
    ['G', undefined],
  ] as const)
    t.equal(parseSize(text), bytes, text)
  t.same([1331 * MiB, 131 * MiB, 4096].map(roughSize), ['1.3 GiB', '131 MiB', '4 KiB'])
})
