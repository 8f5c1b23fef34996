import t from 'tap'
import type { Json } from '../../harness/base/json.ts'
import type { QmpEvent } from '../../harness/machine/qmp.ts'
import { typeIntoMonitor } from '../../harness/run/monitor.ts'
import type { Session } from '../../harness/session/session.ts'
import type { Settles } from '../../harness/steps/step.ts'

/** A session with a QEMU that answers a line with words, then sends events, and whose device is of these sizes in turn. */
function fake(given: { says?: string; events?: QmpEvent[]; sizes?: number[]; console?: string[] }) {
  const { says = '', events = [], sizes = [], console = [] } = given
  const log: string[] = []
  let wanted: ((event: QmpEvent) => boolean) | null = null
  let arrived: (event: QmpEvent) => void = () => {}
  const vm = {
    console: { position: 0, since: () => console },
    monitor: async (line: string) => {
      log.push(line)
      setTimeout(() => {
        for (const event of events) if (wanted?.(event)) arrived(event)
      })
      return says
    },
    qmp: {
      next(isWanted: (event: QmpEvent) => boolean) {
        wanted = isWanted
        const sign = new Promise<QmpEvent>((resolve) => {
          arrived = resolve
        })
        return {
          sign,
          ignore: () => {
            log.push('ignored')
          },
        }
      },
      execute: async (): Promise<Json> => (sizes.length > 1 ? (sizes.shift() ?? 0) : (sizes[0] ?? 0)),
    },
    within: async (sign: Promise<QmpEvent>) =>
      Promise.race([sign, new Promise((_resolve, reject) => setTimeout(() => reject(new Error('no sign')), 100))]),
  }
  const run = async (script: string) => {
    log.push(script)
  }
  return { session: { vm, run } as unknown as Session, log }
}

const ost = (device: string, source: number, status: number): QmpEvent => ({
  event: 'ACPI_DEVICE_OST',
  data: { info: { device, source, status, slot: '0', 'slot-type': 'DIMM' } },
})
const plugged: Settles = { when: 'plugged', id: 'dimm1.0' }
const ejected: Settles = { when: 'ejected', id: 'dimm1.0' }

async function typed(settles: Settles, given: Parameters<typeof fake>[0]) {
  const { session, log } = fake(given)
  const { status, stderr } = await typeIntoMonitor(session, { line: 'x', settles }, 1000)
  return { status, stderr: stderr.toString(), log }
}

t.test('a DIMM is plugged in when the guest says so about it', async (t) => {
  const others = [ost('dimm0.0', 1, 0), ost('dimm1.0', 3, 0), { event: 'RESUME', data: {} }]
  t.match(await typed(plugged, { events: [...others, ost('dimm1.0', 1, 0)] }), { status: 0, stderr: '' })
  await t.rejects(typed(plugged, { events: others }), /no sign/)
  const refused = await typed(plugged, { events: [ost('dimm1.0', 1, 1)] })
  t.match(refused, { status: 1, stderr: 'the guest answers by _OST ACPI_OST_SC_NON_SPECIFIC_FAILURE' })
})

t.test('it is ejected when QEMU has let go of it, or the guest will not', async (t) => {
  const gone = { event: 'DEVICE_DELETED', data: { device: 'dimm1.0', path: '/machine/peripheral/dimm1.0' } }
  t.match(await typed(ejected, { events: [ost('dimm1.0', 3, 0x84), gone] }), { status: 0 })
  const busy = [ost('dimm1.0', 3, 0x84), ost('dimm1.0', 3, 130)]
  t.match(await typed(ejected, { events: busy }), { status: 1, stderr: /ACPI_OST_SC_DEVICE_BUSY/ })
  t.match(await typed(ejected, { events: [ost('dimm1.0', 3, 77)] }), { stderr: /_OST 77/ })
})

t.test('what QEMU refuses is over at once', async (t) => {
  const duplicate = await typed(plugged, { says: 'Error: Duplicate device ID' })
  t.match(duplicate, { status: 1, stderr: 'Error: Duplicate device ID', log: ['x', 'ignored'] })
  const settles: Settles = { when: 'resized', devices: [{ id: 'v', bytes: 1, blocks: [1] }] }
  t.match(await typed(settles, { says: 'Error: no' }), { status: 1, log: ['x'] })
})

t.test('a virtio-mem device is waited for in QEMU, then in the guest', async (t) => {
  const grown = await typed(
    { when: 'resized', devices: [{ id: 'v', bytes: 2, blocks: [40, 41] }] },
    { sizes: [0, 1, 2] },
  )
  t.equal(grown.status, 0)
  t.match(grown.log[1], /memory41 /)
  const none = await typed({ when: 'resized', devices: [{ id: 'v', bytes: 0, blocks: [] }] }, { sizes: [1, 0] })
  t.same(none.log, ['x'], 'nothing is there to be waited for')
})

t.test('nothing is waited for when a task of the kernel died over it', async (t) => {
  const console = ['[    6.446545] Oops: 0000 [#1] PREEMPT SMP NOPTI']
  t.match(await typed(ejected, { console }), { status: 0, stderr: '' })
  const began = performance.now()
  const resized = await typed(
    { when: 'resized', devices: [{ id: 'v', bytes: 2, blocks: [40] }] },
    { sizes: [0], console },
  )
  t.same(resized.log, ['x'])
  t.ok(performance.now() - began < 5_000, 'less than half of the time that it is given')
  const harmless = { console: ['[    6.4] Oopsie'], events: [ost('dimm1.0', 1, 1)] }
  t.match(await typed(plugged, harmless), { status: 1 }, 'other words are not taken for it')
})
