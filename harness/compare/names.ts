import type { DaxDevice, World } from '../model/world.ts'
import type { Observation } from '../observe/observation.ts'
import type { DeviceNames } from '../topology/device-names.ts'

/**
 * What the guest calls each NVDIMM, by the key in the world: regions are numbered in no order, so that they are known
 * by their address. A device whose region the guest does not show is missing.
 */
export function namesIn(world: World, observation: Observation): Map<string, DeviceNames> {
  const names = new Map<string, DeviceNames>()
  for (const device of world.devices) {
    const number = device.bus === 'hmem' ? dynamicRegion(observation) : regionNumber(device, observation)
    if (number === undefined) continue
    const id = device.bus === 'hmem' ? device.key.replace(/^.*\./, '') : '0'
    names.set(device.key, {
      region: `region${number}`,
      namespace: `namespace${number}.0`,
      dax: `dax${number}.${id}`,
    })
  }
  return names
}

/** The region of which devices can be made: of the machine's one soft reserved range. */
function dynamicRegion({ files }: Observation): string | undefined {
  for (const path of Object.keys(files)) {
    const [, number] = /^\/sys\/bus\/dax\/devices\/dax(\d+)\.\d+\/\.\.\/dax_region\/available_size$/.exec(path) ?? []
    if (number !== undefined) return number
  }
  return undefined
}

function regionNumber(device: DaxDevice, { files }: Observation): string | undefined {
  for (const [path, text] of Object.entries(files)) {
    const [, number] = /^\/sys\/bus\/nd\/devices\/region(\d+)\/resource$/.exec(path) ?? []
    if (number !== undefined && Number(text) === device.region.start) return number
  }
  return undefined
}
