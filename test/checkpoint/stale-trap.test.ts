import t from 'tap'
import { bootedAnew, isStaleTrap, StaleTrap } from '../../harness/checkpoint/stale-trap.ts'

/** An oops of 7.3 under TCG, in which the byte before the instruction pointer is that of a no-operation again. */
const oops = (code: string) => [
  '[    1.588121] VFS: Dquot-cache hash table entries: 512 (4096 bytes)',
  '[    1.604711] Oops: int3: 0000 [#1] SMP NOPTI',
  '[    1.605334] CPU: 1 UID: 0 PID: 55 Comm: kworker/R-quota Not tainted 7.3.4+deb13-cloud-amd64 #1 PREEMPT(lazy)',
  '[    1.606097] RIP: 0010:enqueue_task_fair+0xa0b/0xcc0',
  `[    1.606602] Code: e8 ab 1f 02 00 e9 77 fa ff ff ${code} 81 bd 18 04 00 00 90 be`,
  '[    1.607215] Kernel panic - not syncing: Fatal exception in interrupt',
]

t.test(
  'a breakpoint that is there no more is the emulator’s; one that is there, and any other oops, the kernel’s',
  async (t) => {
    t.ok(isStaleTrap(oops('0f <1f> 44 00 00 48')))
    t.ok(isStaleTrap(oops('e9 <12> 00 00 00 48')))
    t.notOk(isStaleTrap(oops('cc <1f> 44 00 00 48')))
    t.notOk(isStaleTrap(oops('0f <1f> 44 00 00 48').map((line) => line.replace('int3', 'invalid opcode'))))
    t.notOk(isStaleTrap(oops('0f <1f> 44 00 00 48').slice(0, 4)), 'its code was not printed')
    t.notOk(isStaleTrap([]))
  },
)

t.test('a boot that ends so is done anew, three times at most; any other is not', async (t) => {
  const cause = new Error('lost')
  const after = (failures: number, error: Error) => {
    let boots = 0
    const said: string[] = []
    const boot = async () => {
      boots += 1
      if (boots <= failures) throw error
      return boots
    }
    return { done: bootedAnew(boot, (sentence) => said.push(sentence)), said }
  }
  const second = after(1, new StaleTrap('', { cause }))
  t.equal(await second.done, 2)
  t.match(second.said, [/int3, under TCG.*anew/])
  await t.rejects(after(3, new StaleTrap('', { cause })).done, cause)
  const other = after(1, cause)
  await t.rejects(other.done, cause)
  t.same(other.said, [])
})
