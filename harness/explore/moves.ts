import { BLOCK_BYTES, MiB } from '../base/size.ts'
import type { DaxDevice, World } from '../model/world.ts'
import { cpu } from '../steps/cpu.ts'
import { dax } from '../steps/dax.ts'
import { daxctl } from '../steps/daxctl.ts'
import { guest } from '../steps/guest.ts'
import { inject } from '../steps/inject.ts'
import { memory } from '../steps/memory.ts'
import { modules } from '../steps/modules.ts'
import { ndctl } from '../steps/ndctl.ts'
import { numa } from '../steps/numa.ts'
import { qemu } from '../steps/qemu.ts'
import type { Step } from '../steps/step.ts'
import { cgroup, workload } from '../steps/workload.ts'
import type { DaxTarget, DimmDevice, HmemDevice, PmemDevice, VirtioMemDevice } from '../topology/machine.ts'

/** A step that one could take now, and how often it is taken among others. Whether it works is the model’s business. */
export interface Move {
  readonly weight: number
  readonly step: Step
}

/**
 * Every step that there is, on everything that the machine has. Left out are `sh`, which claims nothing, and fail-nth and
 * kmemleak, which need a kernel of another configuration and have sweeps of their own.
 */
export function moves(world: World): Move[] {
  return [
    ...world.devices.flatMap((device) => (device.bus === 'nd' ? nvdimmMoves(device) : [])),
    ...world.devices.flatMap((device) => daxMoves(world, device)),
    ...regionMoves(world),
    ...world.dimms.flatMap(({ key }) => dimmMoves(world, key)),
    ...world.virtio_mems.flatMap(({ key }) => virtioMemMoves(world, key)),
    ...settingMoves(world),
    ...workloadMoves(world),
  ]
}

function of(weight: number, ...steps: readonly Step[]): Move[] {
  return steps.map((step) => ({ weight: weight / steps.length, step }))
}

function nvdimmMoves(device: DaxDevice): Move[] {
  const target = pmemTarget(device.key)
  const create = [
    ndctl.createNamespace(target, { mode: 'devdax' }),
    ndctl.createNamespace(target, { mode: 'devdax', map: 'mem' }),
  ]
  return [
    ...of(device.ranges === null ? 8 : 0.3, ...create),
    ...(device.ranges === null
      ? []
      : of(
          0.8,
          ndctl.destroyNamespace(target, { force: true }),
          ndctl.destroyNamespace(target, { force: true }),
          ndctl.destroyNamespace(target),
        )),
  ]
}

/** What a dax device can be told. One without a size takes no driver, which is said too. */
function daxMoves(world: World, device: DaxDevice): Move[] {
  if (device.ranges === null) return []
  const target = daxTarget(device.key)
  const ram = (options: { noOnline?: boolean; noMovable?: boolean; force?: boolean }) =>
    daxctl.reconfigureDevice(target, { mode: 'system-ram', ...options })
  const forced = world.auto_online === 'offline' ? {} : { force: true }
  const bound = device.driver === 'kmem'
  return [
    ...of(
      bound ? 0.5 : 6,
      ram(forced),
      ram(forced),
      ram({ ...forced, noOnline: true }),
      ram({ noMovable: true }),
      ram({}),
    ),
    ...of(
      bound ? 1.5 : 0.3,
      daxctl.reconfigureDevice(target, { mode: 'devdax', force: true }),
      daxctl.reconfigureDevice(target, { mode: 'devdax' }),
    ),
    ...of(bound ? 2 : 0.2, daxctl.offlineMemory(target)),
    ...of(bound ? 2 : 0.2, daxctl.onlineMemory(target), daxctl.onlineMemory(target, { noMovable: true })),
    ...of(bound ? 3 : 0.3, dax.unbind(target, 'kmem')),
    ...of(device.driver === 'device_dax' ? 1 : 0.2, dax.unbind(target, 'device_dax')),
    ...of(1, dax.newId(target, 'kmem'), dax.newId(target, 'device_dax'), dax.removeId(target, 'kmem')),
    ...of(device.driver === null ? 3 : 0.3, dax.bind(target, 'kmem'), dax.bind(target, 'device_dax')),
    ...(device.state === null ? [] : stateMoves(target, device.state)),
    ...blockMoves(world, target, device.key),
  ]
}

function stateMoves(target: DaxTarget, now: NonNullable<DaxDevice['state']>): Move[] {
  const online = (['online_movable', 'online_movable', 'online', 'online_kernel'] as const).map((state) =>
    dax.state(target, state),
  )
  return now === 'unplugged'
    ? of(3, ...online)
    : [...of(2, dax.state(target, 'unplugged')), ...of(0.5, ...online, dax.state(target, 'offline'))]
}

/** The first and the last block, and one between: the others are like it. */
function blockMoves(world: World, target: DaxTarget | DimmDevice | VirtioMemDevice, key: string): Move[] {
  const blocks = [...world.blocks].filter(([, { owner }]) => owner === key).sort(([a], [b]) => a - b)
  const chosen = [...new Set([0, Math.floor(blocks.length / 2), blocks.length - 1])].filter((index) => index >= 0)
  return chosen.flatMap((index) =>
    blocks[index]?.[1].online
      ? of(1, memory.offline(target, index))
      : of(
          1,
          memory.online(target, index, 'online_movable'),
          memory.online(target, index, 'online_movable'),
          memory.online(target, index, 'online'),
          memory.online(target, index, 'online_kernel'),
        ),
  )
}

/** Sizes that make parts with room between them, of less than a memory block, of all that is left, and of too much. */
const PART_SIZES = [128 * MiB, 256 * MiB, 384 * MiB, 64 * MiB, 4096 * MiB]

function regionMoves(world: World): Move[] {
  const region = world.dax_region
  if (region === null) return []
  const node = { kind: 'soft-reserved', node: region.node, dax: EIGHT.map((id) => hmem(region.node, id)) } as const
  const whole = { ...node, dax: node.dax as unknown as Parameters<typeof daxctl.createDevice>[0]['dax'] }
  const devices = world.devices.filter(({ bus }) => bus === 'hmem')
  return [
    ...(devices.length >= EIGHT.length
      ? []
      : of(6, ...PART_SIZES.map((size) => daxctl.createDevice(whole, { size })), daxctl.createDevice(whole))),
    ...devices.flatMap(({ key, driver }) => {
      const target = hmemTarget(key)
      return [
        ...of(0.6, daxctl.destroyDevice(target, { force: true }), daxctl.destroyDevice(target)),
        ...of(driver === null ? 2 : 0.2, ...PART_SIZES.map((size) => daxctl.reconfigureDevice(target, { size }))),
      ]
    }),
  ]
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const

function dimmMoves(world: World, key: string): Move[] {
  const target = dimmTarget(key)
  const plugged = world.dimms.some((dimm) => dimm.key === key && dimm.plugged)
  return [
    ...of(plugged ? 0.1 : 3, qemu.deviceAdd(target)),
    ...of(plugged ? 1.5 : 0.1, qemu.deviceDel(target)),
    ...blockMoves(world, target, key),
  ]
}

function virtioMemMoves(world: World, key: string): Move[] {
  const device = world.virtio_mems.find((candidate) => candidate.key === key)
  const target: VirtioMemDevice = { node: device?.node ?? 0, virtio_mem: true }
  const most = (device?.blocks.length ?? 0) * BLOCK_BYTES
  const sizes = [most, BLOCK_BYTES, 0, most + BLOCK_BYTES].filter((bytes) => bytes / BLOCK_BYTES !== device?.requested)
  return [...of(2, ...sizes.map((bytes) => qemu.requestedSize(target, bytes))), ...blockMoves(world, target, key)]
}

function settingMoves(world: World): Move[] {
  const policies = (['offline', 'online', 'online_kernel', 'online_movable', 'online_movable'] as const).filter(
    (policy) => policy !== world.auto_online,
  )
  const actions = ['MEM_GOING_ONLINE', 'MEM_GOING_OFFLINE'] as const
  const injected = (action: (typeof actions)[number]) =>
    (action === 'MEM_GOING_ONLINE' ? world.inject.going_online : world.inject.going_offline) !== 0
  const cpus = world.nodes.flatMap((node) => node.cpus).filter((number) => number !== 0)
  return [
    ...of(1.5, ...policies.map((policy) => memory.autoOnline(policy))),
    ...actions.flatMap((action) =>
      injected(action)
        ? of(2, inject.memoryNotifier(action, 'none'))
        : of(0.5, inject.memoryNotifier(action, 'ENOMEM'), inject.memoryNotifier(action, 'EBUSY')),
    ),
    ...(world.kmem.loaded ? of(1.2, modules.unload('kmem')) : of(1.5, modules.load('kmem'))),
    ...of(0.3, numa.demotion(!world.demotion_enabled)),
    ...cpus.flatMap((number) =>
      of(0.4 / cpus.length, world.offline_cpus.includes(number) ? cpu.online(number) : cpu.offline(number)),
    ),
    ...of(0.15, guest.reboot()),
  ]
}

/** Little, so that a node has room for it wherever its pages go. */
const FILL_BYTES = 16 * MiB

function workloadMoves(world: World): Move[] {
  const nodes = world.nodes.map((_node, node) => ({ kind: 'memoryless', node }) as const)
  if (world.workload === null) return of(0.4, ...nodes.map((node) => workload.fill(node, FILL_BYTES)))
  return [
    ...of(1, cgroup.reclaim(FILL_BYTES), cgroup.reclaim(64 * FILL_BYTES)),
    ...of(0.5, workload.intact(), workload.free()),
    ...of(
      0.5,
      ...nodes.map((node) => workload.fill(node, FILL_BYTES)),
      ...nodes.map((node) => cgroup.cpusetMems(node)),
    ),
  ]
}

function numbers(key: string): [number, number] {
  const [, node, device] = /(\d+)\.(\d+)$/.exec(key) ?? []
  return [Number(node), Number(device)]
}

function pmemTarget(key: string): PmemDevice {
  const [node, device] = numbers(key)
  return { node, device }
}

function hmem(node: number, id: number): HmemDevice {
  return { node, dax: id }
}

function hmemTarget(key: string): HmemDevice {
  const [node, id] = numbers(key)
  return hmem(node, id)
}

function daxTarget(key: string): DaxTarget {
  return key.startsWith('hmem') ? hmemTarget(key) : pmemTarget(key)
}

function dimmTarget(key: string): DimmDevice {
  const [node, dimm] = numbers(key)
  return { node, dimm }
}
