import { formatNodeSet } from '../../../base/node-set.ts'
import { formatSize } from '../../../base/size.ts'
import type { MachineView, NodeView, Part } from './data.ts'
import { type Html, html } from './html.ts'

const BOX = { width: 168, gap: 20, top: 30, cpus: 22, part: 30 } as const
const MOST_CPUS = 10
const ARC = 22
/** With more nodes than this, arcs between all of them are no picture any more; the table has every distance. */
const MOST_ARCS = 4

/** The machine: nodes with their CPUs and memory, distances as arcs between them and as a table. */
export function machineSection(machine: MachineView): Html {
  return html`<div class="machine"><div class="scroll" tabindex="0" role="region" aria-label="The machine, drawn">${machineDrawing(machine)}</div>
<div><table class="distances"><caption>Distances, from row to column</caption>
<thead><tr><td></td>${machine.distances.map((_row, node) => html`<th scope="col">${node}</th>`)}</tr></thead>
<tbody>${machine.distances.map((row, node) => html`<tr><th scope="row">${node}</th>${row.map((distance) => html`<td class="${heat(distance)}">${distance}</td>`)}</tr>`)}</tbody></table></div></div>
<ul class="notes">${machine.notes.map((note) => html`<li>${note}</li>`)}</ul>`
}

function machineDrawing({ nodes, distances }: MachineView): Html {
  const arcs = arcsOf(nodes.length)
  const above = arcs.length === 0 ? 4 : 14 + ARC * Math.max(...arcs.map(({ level }) => level))
  const parts = Math.max(1, ...nodes.map((node) => node.parts.length))
  const box = BOX.top + BOX.cpus + parts * BOX.part + 8
  const width = nodes.length * (BOX.width + BOX.gap) - BOX.gap + 4
  const height = above + box + 4
  const largest = Math.max(1, ...nodes.flatMap((node) => node.parts.map(({ bytes }) => bytes)))
  return html`<svg class="drawing" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${machineWords(nodes)}">
${arcs.map((arc) => arcView(arc, above, distances))}
${nodes.map((node, index) => nodeBox(node, index, above, box, largest))}
</svg>`
}

function nodeBox({ cpus, parts }: NodeView, index: number, top: number, height: number, largest: number): Html {
  const x = index * (BOX.width + BOX.gap) + 2
  const first = top + BOX.top + BOX.cpus
  return html`<g class="node"><rect class="box" x="${x}" y="${top}" width="${BOX.width}" height="${height}" rx="8"/>
<text class="name" x="${x + 12}" y="${top + 21}">node ${index}</text>
${cpus.length === 0 && html`<text class="note" x="${x + 12}" y="${top + BOX.top + 12}">no CPU</text>`}
${cpus.slice(0, MOST_CPUS).map((cpu, at) => html`<g class="cpu"><rect x="${x + 12 + at * 15}" y="${top + BOX.top + 1}" width="12" height="12" rx="2.5"/><title>CPU ${cpu}</title></g>`)}
${cpus.length > 0 && cpus.length <= 5 && html`<text class="note" x="${x + 18 + cpus.length * 15}" y="${top + BOX.top + 12}">CPU ${formatNodeSet(cpus)}</text>`}
${parts.map((part, at) => partBar(part, x + 12, first + at * BOX.part, (part.bytes / largest) * (BOX.width - 24)))}</g>`
}

function partBar({ kind, name, bytes }: Part, x: number, y: number, width: number): Html {
  const later = kind === 'DIMM' || kind === 'virtio-mem'
  return html`<g class="part ${kind.replace(' ', '-')}${later && ' later'}"><text class="note" x="${x}" y="${y + 12}">${name}</text><text class="size" x="${x + BOX.width - 24}" y="${y + 12}">${later && 'up to '}${formatSize(bytes)}</text><rect x="${x}" y="${y + 17}" width="${Math.max(4, Math.round(width))}" height="6" rx="3"/></g>`
}

interface Arc {
  readonly from: number
  readonly to: number
  /** How high it is drawn, from 1: arcs of one level do not overlap. */
  readonly level: number
}

/** Between all nodes, short ones below long ones. */
function arcsOf(nodes: number): Arc[] {
  if (nodes > MOST_ARCS) return []
  const arcs: Arc[] = []
  for (let span = 1; span < nodes; span += 1)
    for (let from = 0; from + span < nodes; from += 1) {
      const to = from + span
      const below = arcs.filter((arc) => arc.from < to && from < arc.to)
      arcs.push({ from, to, level: 1 + Math.max(0, ...below.map(({ level }) => level)) })
    }
  return arcs
}

/** Distances that differ by direction are told as from left to right, then back. Short arcs have the outer legs. */
function arcView({ from, to, level }: Arc, base: number, distances: MachineView['distances']): Html {
  const middle = (node: number) => node * (BOX.width + BOX.gap) + 2 + BOX.width / 2
  const leg = 62 - 18 * (to - from)
  const [x1, x2] = [middle(from) + leg, middle(to) - leg]
  const top = base - ARC * level
  const [there, back] = [distances[from]?.[to], distances[to]?.[from]]
  const text = there === back ? `${there}` : `${there} / ${back}`
  const width = 14 + text.length * 7.2
  const x = (x1 + x2) / 2
  return html`<g class="arc"><path d="M${x1} ${base}V${top + 8}Q${x1} ${top} ${x1 + 8} ${top}H${x2 - 8}Q${x2} ${top} ${x2} ${top + 8}V${base}"/><rect x="${x - width / 2}" y="${top - 9}" width="${width}" height="18"/><text x="${x}" y="${top + 4.5}">${text}</text></g>`
}

function heat(distance: number): string {
  return distance <= 10 ? 'near' : distance <= 20 ? 'far' : 'farther'
}

function machineWords(nodes: readonly NodeView[]): string {
  return nodes
    .map(({ cpus, parts }, index) => {
      const own = [...(cpus.length > 0 ? [`CPU ${formatNodeSet(cpus)}`] : []), ...parts.map(partWords)]
      return `node ${index}: ${own.join(', ') || 'nothing'}`
    })
    .join('; ')
}

function partWords({ name, bytes }: Part): string {
  return `${name} of ${formatSize(bytes)}`
}
