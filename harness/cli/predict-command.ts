import { defaultSeries } from '../../kernels/host-release.ts'
import { parseKernelSpec } from '../../kernels/index.ts'
import { ProtocolError, UsageError } from '../base/errors.ts'
import { formatNodeSet, parseNodeSet } from '../base/node-set.ts'
import { parseRelease, type Release } from '../base/release.ts'
import { describeSpans, ERAS, type Era, eraNamed, eraOf } from '../model/eras.ts'
import { bringOnline, type NodePrediction, type Prediction, predict } from '../model/predict.ts'
import type { Reason } from '../model/reason.ts'
import { type Style, styleFor } from '../report/style.ts'
import type { MachineSpec } from '../topology/machine.ts'
import { pmemOf } from '../topology/nodes.ts'
import { bootWorld } from '../topology/world.ts'
import { VERSION } from '../version.ts'
import { EXIT } from './exit-status.ts'
import { machineFrom } from './machine-file.ts'
import { machineWords } from './machine-words.ts'

export interface PredictOptions {
  readonly kernel?: string
  readonly era?: string
  readonly online?: string
  readonly json?: boolean
}

/** `tierlab predict`: the tiers of a machine and why they are so, without a guest. */
export async function predictCommand(file: string, options: PredictOptions): Promise<number> {
  const era = await eraFor(options)
  const spec = await machineFrom(file)
  const online = nodesToOnline(spec, options.online)
  const prediction = predict(bringOnline(bootWorld(spec, era), online))
  const text = options.json
    ? JSON.stringify({ tierlab: VERSION, machine: file, era: era.name, online, ...prediction }, null, 2)
    : predictionLines(spec, era, online, prediction, styleFor(process.stdout)).join('\n')
  process.stdout.write(`${text}\n`)
  return EXIT.passed
}

/** The era that is asked for; the newest when none is. */
async function eraFor({ kernel, era }: PredictOptions): Promise<Era> {
  if (kernel !== undefined && era !== undefined) throw new UsageError('Give --kernel or --era, not both.')
  if (era !== undefined) return eraNamed(era)
  if (kernel !== undefined) return eraOf(await releaseOf(kernel))
  const newest = ERAS.find(({ spans }) => spans.some(({ before }) => before === null))
  if (newest === undefined) throw new RangeError('no era is open at its end')
  return newest
}

/**
 * The version in a kernel's spec, or a plain version; nothing is looked up or fetched. A series stands for its newest
 * release. Throws UsageError for an image or a tree, whose name says nothing.
 */
export async function releaseOf(kernel: string): Promise<Release> {
  const spec = /^v?\d/.test(kernel) ? ({ kind: 'debian', wanted: kernel } as const) : parseKernelSpec(kernel)
  if (spec.kind === 'image' || spec.kind === 'tree')
    throw new UsageError(`The version of ${spec.path} is not known before it boots; name one, as in --kernel 6.12.95.`)
  const wanted = spec.kind === 'default' ? await defaultSeries() : spec.wanted
  const [, major, minor] = /^v?(\d+)(?:\.(\d+))?$/.exec(wanted) ?? []
  if (major !== undefined) return [Number(major), minor === undefined ? NEWEST : Number(minor), NEWEST]
  const release = parseRelease(wanted)
  if (release === undefined) throw new UsageError(`“${kernel}” names no version of Linux; write it like 6.12.95.`)
  return release
}

/** Above every number of a release. */
const NEWEST = 9999

/** All nodes with NVDIMMs, or those named. */
function nodesToOnline(spec: MachineSpec, wanted: string | undefined): number[] {
  const all = spec.nodes.flatMap((node, index) => (pmemOf(node).length > 0 ? [index] : []))
  if (wanted === undefined) return all
  const nodes = wanted === 'none' ? [] : parseNodes(wanted)
  const other = nodes.find((node) => !all.includes(node))
  if (other !== undefined)
    throw new UsageError(
      all.length === 0
        ? 'This machine has no NVDIMM to bring online; leave --online out.'
        : `Node ${other} has no NVDIMM to bring online; ${nodeWords(all)} can be named.`,
    )
  return nodes
}

function parseNodes(text: string): number[] {
  try {
    return parseNodeSet(text)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new UsageError(`“${text}” is not a list of nodes; write it like 1-2,4, or none.`)
  }
}

/** The prediction as text, a line for each fact. */
export function predictionLines(
  spec: MachineSpec,
  era: Era,
  online: readonly number[],
  prediction: Prediction,
  style: Style,
): string[] {
  const brought =
    online.length === 0
      ? 'Boot memory alone is online.'
      : `The NVDIMMs of ${nodeWords(online)} are online, as system-ram by kmem.`
  return [
    style.bold(`Linux as in era ${era.name} (${describeSpans(era)})`),
    brought,
    '',
    style.bold('The machine'),
    ...machineWords(spec).map((line) => `  ${line}`),
    '',
    style.bold('Tiers, the fastest first'),
    ...prediction.tiers.map(
      ({ tier, nodes, first, last }) => `  ${tier}: ${nodeWords(nodes)}, abstract distances ${first} to ${last}`,
    ),
    ...prediction.hmat.map((reason) => `  ${reasonLine(reason, style)}`),
    ...prediction.nodes.flatMap((node) => ['', ...nodeLines(node, style)]),
  ]
}

function nodeLines({ node, tier, toptier, demotion, why }: NodePrediction, style: Style): string[] {
  const sets = (demotion?.preferred ?? []).map((set) => formatNodeSet(set)).join(' or ')
  const target =
    sets === '' ? 'demotes nowhere' : `demotes to ${sets}, then to any of ${formatNodeSet(demotion?.fallback ?? [])}`
  const head = tier === null ? 'in no tier' : `${tier}, ${toptier ? 'top tier' : 'not top tier'}, ${target}`
  return [
    style.bold(`Node ${node}: ${head}`),
    ...[...why.tier, ...why.toptier, ...why.demotion].map((reason) => `  ${reasonLine(reason, style)}`),
  ]
}

function reasonLine({ says, function: name }: Reason, style: Style): string {
  return `${says} ${style.dim(`[${name}]`)}`
}

function nodeWords(nodes: readonly number[]): string {
  return `node${nodes.length === 1 ? '' : 's'} ${formatNodeSet(nodes)}`
}
