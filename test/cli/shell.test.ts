import t from 'tap'
import { UsageError } from '../../harness/base/errors.ts'
import { shellCommand } from '../../harness/cli/shell-command.ts'

const guest = { kernel: 'debian', accel: 'auto' } as const

t.test('shell: what makes no sense is said before anything is prepared', async (t) => {
  const wrong = async (file: string | undefined, options: object, message: RegExp) =>
    t.rejects(shellCommand(file, { ...guest, ...options }), { constructor: UsageError, message })
  await wrong(undefined, { after: '2' }, /--after names a step of a scenario/)
  await wrong('x.ts', { machine: 'y.ts' }, /has its own machine/)
  await wrong(undefined, { dump: '/nowhere/vmcore' }, /there is no folder \/nowhere/)
  await wrong('/nowhere.ts', {}, /no scenario file or folder/)
  await wrong('scenarios/kmem', {}, /has \d+ scenarios; name the file of one/)
})
