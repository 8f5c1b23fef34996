/** What the guest calls one NVDIMM; region numbers follow no order, so that they are looked up by address. */
export interface DeviceNames {
  /** `region0` */
  readonly region: string
  /** `namespace0.0` */
  readonly namespace: string
  /** `dax0.0`, the name that a devdax namespace of the region has or would have. */
  readonly dax: string
}

/** The name of a DIMM in the world, and its id in QEMU. */
export function dimmId({ node, dimm }: { readonly node: number; readonly dimm: number }): string {
  return `dimm${node}.${dimm}`
}

/** The id of the memory behind a device in QEMU. */
export function memoryOfDevice(id: string): string {
  return `${id}-memory`
}

/** The name of a node's virtio-mem device in the world, and its id in QEMU. */
export function virtioMemId(node: number): string {
  return `virtio-mem${node}`
}

/** The id of a node's virtio-pmem device in QEMU. */
export function virtioPmemId(node: number): string {
  return `virtio-pmem${node}`
}
