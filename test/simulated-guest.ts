import { tierOf } from '../harness/model/tiers.ts'
import type { DaxDevice, World } from '../harness/model/world.ts'

/**
 * Renders what a guest would answer to an observation, straight from a world, without the code under test: the text
 * that grep prints in the guest. `regions` are the numbers that the guest gives to the NVDIMMs, which follow no order.
 */
export function simulatedGuest(
  world: World,
  regions: readonly number[] = [...world.devices.keys()],
): Map<string, string> {
  const files = new Map<string, string>()
  const node = '/sys/devices/system/node'
  const set = (nodes: Iterable<number>) => [...new Set(nodes)].sort((a, b) => a - b)
  const blocks = [...world.blocks]
  const withCpu = [...world.nodes.keys()].filter((number) => (world.nodes[number]?.cpus.length ?? 0) > 0)
  const online = set([...withCpu, ...blocks.map(([, block]) => block.node)])
  const memory = set(blocks.filter(([, block]) => block.online).map(([, block]) => block.node))
  const normal = set(
    blocks.filter(([, block]) => block.online && block.zone !== 'Movable').map(([, block]) => block.node),
  )

  for (const type of world.types.filter(({ nodes }) => nodes.length > 0)) {
    const path = `/sys/devices/virtual/memory_tiering/memory_tier${tierOf(type.adistance)}/nodelist`
    const members = world.types.filter((other) => tierOf(other.adistance) === tierOf(type.adistance))
    files.set(path, list(set(members.flatMap(({ nodes }) => nodes))))
  }
  files.set(`${node}/possible`, list([...world.nodes.keys()]))
  files.set(`${node}/online`, list(online))
  files.set(`${node}/has_memory`, list(memory))
  files.set(`${node}/has_normal_memory`, list(normal))
  files.set(`${node}/has_cpu`, list(withCpu))
  for (const from of online)
    files.set(`${node}/node${from}/distance`, online.map((to) => world.distances[from]?.[to]).join(' '))
  for (const [number, block] of blocks) {
    files.set(`${node}/node${block.node}/memory${number}/state`, block.online ? 'online' : 'offline')
    files.set(`${node}/node${block.node}/memory${number}/valid_zones`, block.zone ?? 'Normal Movable')
  }
  files.set('/sys/devices/system/memory/block_size_bytes', '8000000')
  files.set('/sys/devices/system/memory/auto_online_blocks', world.auto_online)
  files.set('/sys/kernel/mm/numa/demotion_enabled', String(world.demotion_enabled))
  if (world.kmem.loaded) {
    files.set('/sys/module/kmem/initstate', 'live')
    files.set('/sys/module/kmem/refcnt', '0')
  }
  for (const [index, device] of world.devices.entries()) addDevice(files, device, regions[index] ?? index)
  files.set('/proc/sys/kernel/tainted', '0')
  files.set('/proc/sys/kernel/random/boot_id', '1c9f7f4e-0000-4000-8000-000000000000')
  return files
}

/** As grep -H prints it. */
export function asGrepOutput(files: ReadonlyMap<string, string>): string {
  return [...files].map(([path, text]) => `${path}:${text}\n`).join('')
}

function addDevice(files: Map<string, string>, device: DaxDevice, region: number): void {
  const { start, end } = device.region
  const folder = `/sys/bus/nd/devices/region${region}`
  files.set(`${folder}/resource`, `0x${start.toString(16)}`)
  files.set(`${folder}/size`, String(end - start))
  files.set(`${folder}/target_node`, String(device.node))
  const [range] = device.ranges ?? []
  if (range === undefined) return
  const dax = `/sys/bus/dax/devices/dax${region}.0`
  files.set(`${dax}/size`, String(range.end - range.start))
  files.set(`${dax}/resource`, `0x${range.start.toString(16)}`)
  files.set(`${dax}/target_node`, String(device.node))
  files.set(`${dax}/mapping0/start`, `0x${range.start.toString(16)}`)
  files.set(`${dax}/mapping0/end`, `0x${(range.end - 1).toString(16)}`)
  files.set(`/sys/bus/nd/devices/namespace${region}.0/mode`, 'dax')
  files.set(`/sys/bus/nd/devices/namespace${region}.0/size`, String(end - start))
  if (device.driver) files.set(`${dax}/uevent`, `DRIVER=${device.driver}`)
}

/** `0-1,3`, written here once more so that a wrong formatter cannot hide. */
function list(nodes: readonly number[]): string {
  const parts: string[] = []
  for (let index = 0; index < nodes.length; index += 1) {
    const first = nodes[index] ?? 0
    let last = first
    while (nodes[index + 1] === last + 1) {
      last += 1
      index += 1
    }
    parts.push(first === last ? String(first) : `${first}-${last}`)
  }
  return parts.join(',')
}
