import { formatSize } from '../../../base/size.ts'
import type { NodeState, State, StepDetail } from './data.ts'
import { type Html, html } from './html.ts'
import { targetWords, useWords } from './words.ts'

const LABEL = 140
const COLUMN = 146
const CHIP = { width: 128, height: 46 } as const
const LANE = 82

/** Where nodes are whose memory is in no tier: they have none online. */
const NO_TIER = 'no tier'

/**
 * Tiers as lanes, the fastest at the top, with the same lanes in every step of a run; each node in its own column, so
 * that a node which changes its tier moves up or down. An arrow goes from a node to each that it demotes to.
 */
export function lanesView(steps: readonly StepDetail[], step: StepDetail): Html {
  const shown = step.observed ?? step.expected
  const lanes = [...lanesOf(steps), NO_TIER]
  const nodes = shown.nodes.map((node) => ({
    node,
    lane: laneOf(shown, node.node),
    wanted: laneOf(step.expected, node.node),
  }))
  const width = LABEL + nodes.length * COLUMN + 8
  const height = lanes.length * LANE + 4
  const at = (node: number, lane: string) => ({ x: LABEL + node * COLUMN + 12, y: lanes.indexOf(lane) * LANE + 18 })
  return html`<svg class="lanes${nodes.length > 3 && html` wide`}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${stateWords(shown)}">
<defs>${['on', 'off', 'bad'].map(
    (kind) =>
      html`<marker id="head-${kind}" class="head ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`,
  )}</defs>
${lanes.map((lane, index) => laneBand(lane, index, width, shown))}
${arrows(step, shown, nodes, at)}
${nodes.map(({ node, lane, wanted }) => {
  const wrong = step.observed !== null && lane !== wanted
  return html`${wrong && ghost(at(node.node, wanted), node.node)}${chip(at(node.node, lane), node, wrong)}`
})}
</svg>`
}

/** All tiers that a run comes by, by number: a lower one is faster. */
export function lanesOf(steps: readonly StepDetail[]): string[] {
  const names = steps.flatMap(({ observed, expected }) =>
    [...(observed?.tiers ?? []), ...expected.tiers].map(({ name }) => name),
  )
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function laneOf(state: State, node: number): string {
  return state.tiers.find(({ nodes }) => nodes.includes(node))?.name ?? NO_TIER
}

function laneBand(lane: string, index: number, width: number, { tiers }: State): Html {
  const y = index * LANE + 2
  const there = lane === NO_TIER || tiers.some(({ name }) => name === lane)
  const note = lane === NO_TIER ? 'no memory online' : there ? (index === 0 ? 'fastest' : '') : 'not there now'
  return html`<g class="lane${!there && ' absent'}${lane === NO_TIER && ' outside'}"><rect x="1" y="${y}" width="${width - 2}" height="${LANE - 6}" rx="8"/><text class="name" x="14" y="${y + 34}">${lane}</text><text class="note" x="14" y="${y + 52}">${note}</text></g>`
}

type Place = { readonly x: number; readonly y: number }

function chip({ x, y }: Place, node: NodeState, wrong: boolean): Html {
  const used = useWords(node.used_bytes)
  const memory =
    node.online_bytes > 0
      ? `${formatSize(node.online_bytes)}${node.offline_bytes > 0 && used === '' ? ` of ${formatSize(node.online_bytes + node.offline_bytes)}` : ''}`
      : node.offline_bytes > 0
        ? `${formatSize(node.offline_bytes)} offline`
        : 'no memory'
  const kind = wrong ? ' bad' : node.online ? '' : ' away'
  return html`<g class="chip${kind}"><rect x="${x}" y="${y}" width="${CHIP.width}" height="${CHIP.height}" rx="7"/><text class="name" x="${x + 11}" y="${y + 19}">node ${node.node}</text><text class="note" x="${x + 11}" y="${y + 36}">${memory}</text>${used !== '' && html`<text class="used" x="${x + CHIP.width - 9}" y="${y + 36}">▪ ${used}</text>`}${node.has_cpu && cpuMark(x + CHIP.width - 40, y + 8)}</g>`
}

/** A little processor, and its name. */
function cpuMark(x: number, y: number): Html {
  return html`<g class="cpu"><rect x="${x}" y="${y}" width="31" height="14" rx="3"/><text x="${x + 15.5}" y="${y + 10.5}">CPU</text></g>`
}

/** Where the model has a node that the kernel has elsewhere. */
function ghost({ x, y }: Place, node: number): Html {
  return html`<g class="ghost"><rect x="${x}" y="${y}" width="${CHIP.width}" height="${CHIP.height}" rx="7"/><text class="name" x="${x + 11}" y="${y + 19}">node ${node}</text><text class="note" x="${x + 11}" y="${y + 36}">expected here</text></g>`
}

type Placed = { readonly node: NodeState; readonly lane: string; readonly wanted: string }

/** From each node to where it demotes to: red where the kernel logged another than the model has, and then both. */
function arrows(
  { observed, expected }: StepDetail,
  shown: State,
  placed: readonly Placed[],
  at: (node: number, lane: string) => Place,
): Html[] {
  return placed.flatMap(({ node: { node }, lane, wanted }) => {
    const logged = observed?.nodes.find((other) => other.node === node)?.targets ?? null
    const model = expected.nodes.find((other) => other.node === node)?.targets ?? []
    const differs = logged !== null && !agree(logged, model)
    const to = (sets: readonly (readonly number[])[], kind: string, from: string, lanes: (target: Placed) => string) =>
      [...new Set(sets.flat())].flatMap((target) => {
        const end = placed.find((other) => other.node.node === target)
        if (end === undefined || target === node) return []
        const words = `node ${node} demotes to ${targetWords(sets)}`
        return arrow(at(node, from), at(target, lanes(end)), `${kind}${sets.length > 1 ? ' free' : ''}`, words)
      })
    const kind = differs ? 'bad' : shown.demotion_enabled ? 'on' : 'off'
    return [
      ...to(logged ?? model, kind, lane, (end) => end.lane),
      ...(differs ? to(model, 'bad missing', wanted, (end) => end.wanted) : []),
    ]
  })
}

/** Whether what the kernel logged is one of the sets that the model allows. */
export function agree(logged: readonly (readonly number[])[], model: readonly (readonly number[])[]): boolean {
  const text = (set: readonly number[]) => [...set].sort((a, b) => a - b).join()
  const allowed = model.length === 0 ? [''] : model.map(text)
  return (logged.length === 0 ? [''] : logged.map(text)).every((set) => allowed.includes(set))
}

function arrow(from: Place, to: Place, kind: string, words: string): Html {
  const down = to.y >= from.y
  const right = to.x > from.x ? 1 : -1
  const x1 = from.x + CHIP.width / 2 + right * 26
  const y1 = from.y + (down ? CHIP.height : 0)
  const x2 = to.x + CHIP.width / 2 - right * 34
  const y2 = to.y + (down ? -3 : CHIP.height + 3)
  const bend = Math.max(20, Math.abs(y2 - y1) * 0.55) * (down ? 1 : -1)
  const head = kind.split(' ')[0] ?? 'on'
  return html`<path class="arrow ${kind}" marker-end="url(#head-${head})" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}"><title>${words}</title></path>`
}

function stateWords({ tiers, nodes }: State): string {
  const lanes = tiers.map(({ name, nodes: own }) => `${name}: nodes ${own.join(', ')}`)
  const demotions = nodes.flatMap(({ node, targets }) =>
    targets?.some((set) => set.length > 0) ? [`node ${node} demotes to ${targetWords(targets)}`] : [],
  )
  return [...(lanes.length > 0 ? lanes : ['no tier']), ...demotions].join('; ')
}
