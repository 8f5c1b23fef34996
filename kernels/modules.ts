/** Modules that a guest may load, as patterns of paths below lib/modules/RELEASE, each with its reason. */
export const WANTED_MODULES: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: at('drivers/dax/.*'), why: 'device_dax, dax_pmem, dax_hmem, and kmem, which makes memory of a dax device' },
  { path: at('drivers/nvdimm/.*'), why: 'libnvdimm, nd_pmem, nd_btt, virtio_pmem: namespaces and their modes' },
  { path: at('drivers/acpi/nfit/.*'), why: 'finds the NVDIMMs that QEMU describes in the NFIT' },
  { path: at('drivers/virtio/.*'), why: 'virtio_pci for the agent’s port; virtio_mem and virtio_balloon' },
  { path: at('drivers/char/virtio_console'), why: 'the agent’s port; built in since 6.12' },
  { path: at('drivers/cxl/.*'), why: 'CXL memory devices, ports and regions' },
  { path: at('lib/[^/]*inject[^/]*'), why: 'memory-notifier-error-inject: makes onlining and offlining fail' },
  { path: at('mm/[^/]*inject[^/]*'), why: 'hwpoison-inject: a page that fails' },
]

/** Without these no machine of ours comes up or has tiers, so a kernel must have each as a module or built in. */
export const REQUIRED_MODULES: readonly { readonly name: string; readonly config: string }[] = [
  { name: 'virtio_pci', config: 'CONFIG_VIRTIO_PCI' },
  { name: 'virtio_console', config: 'CONFIG_VIRTIO_CONSOLE' },
  { name: 'nfit', config: 'CONFIG_ACPI_NFIT' },
  { name: 'libnvdimm', config: 'CONFIG_LIBNVDIMM' },
  { name: 'device_dax', config: 'CONFIG_DEV_DAX' },
  { name: 'dax_pmem', config: 'CONFIG_DEV_DAX_PMEM' },
  { name: 'kmem', config: 'CONFIG_DEV_DAX_KMEM' },
]

/** True when a guest may want to load the module at this path below lib/modules/RELEASE. */
export function isWantedModule(path: string): boolean {
  return WANTED_MODULES.some((wanted) => wanted.path.test(path))
}

/** `virtio_console` of `kernel/drivers/char/virtio_console.ko.xz`; the kernel takes hyphens for underscores. */
export function moduleName(path: string): string {
  return path
    .replace(/^.*\//, '')
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_')
}

/** The first folder is `kernel`, or `updates` or `extra` for modules built apart from it. */
function at(path: string): RegExp {
  return new RegExp(`^[^/]+/${path}\\.ko(\\.\\w+)?$`)
}
