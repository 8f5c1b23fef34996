import { ProtocolError } from '../base/errors.ts'

/** What a guest showed at one moment: each file's text by its path, and the kernel's messages since the last time. */
export interface Observation {
  readonly files: Readonly<Record<string, string>>
  readonly messages: readonly string[]
}

/**
 * The files in the output of guest/observe: lines of `PATH:LINE`. Lines of one file are joined by a newline.
 * Makes `…/daxX.Y/driver`, which sysfs shows as a link, of the device's uevent. Throws ProtocolError when nothing was read at all.
 */
export function parseFiles(output: string): Record<string, string> {
  const files: Record<string, string> = {}
  for (const line of output.split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 0 || !line.startsWith('/')) continue
    const path = line.slice(0, colon)
    const text = line.slice(colon + 1)
    const before = files[path]
    files[path] = before === undefined ? text : `${before}\n${text}`
  }
  if (files['/sys/devices/system/node/online'] === undefined)
    throw new ProtocolError('The guest answered an observation without /sys/devices/system/node/online.')
  return withDrivers(files)
}

const UEVENT = /^(\/sys\/bus\/dax\/devices\/[^/]+\/)uevent$/

function withDrivers(files: Record<string, string>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [path, text] of Object.entries(files)) {
    const [, device] = UEVENT.exec(path) ?? []
    if (device === undefined) result[path] = text
    else {
      const [, driver] = /^DRIVER=(.*)$/m.exec(text) ?? []
      if (driver !== undefined) result[`${device}driver`] = driver
    }
  }
  return result
}

/** Drops the time stamp of a console line: `[    1.234567] text`, or `[    1.234567][    T1] text`. */
export function messageText(line: string): string {
  return line.replace(/^(?:\[[\s\dTC.]+\])+ ?/, '')
}
