import { createHash } from 'node:crypto'
import type { Assets } from './assets.ts'
import type { Gathered } from './gather.ts'
import { html } from './view/html.ts'
import { matrixView } from './view/matrix.ts'

/**
 * The whole page. Only this very script and style may act in it, and nothing may be loaded: so says its first line, to
 * the browser. Pure.
 */
export function page({ outline, chunks }: Gathered, { script, style }: Assets): string {
  const policy = [
    ...["default-src 'none'", `script-src ${hashOf(script)}`, `style-src ${hashOf(style)}`, 'img-src data:'],
    ...["base-uri 'none'", "form-action 'none'"],
  ].join('; ')
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${titleOf(outline)}</title>
<link rel="icon" href="data:,">
<style>${{ markup: style }}</style>
</head>
<body>
<noscript><p class="notice">The runs behind the cells are shown by a script that is in this page; without it there are the verdicts.</p></noscript>
<main id="matrix">
${matrixView(outline)}
</main>
<main id="run" hidden></main>
${chunks.map((packed, number) => html`<script type="text/plain" id="chunk-${number}">${packed}</script>\n`)}<script>${{ markup: script }}</script>
</body>
</html>
`
  return markup
}

function titleOf({ rows, kernels }: Gathered['outline']): string {
  return `tierlab: ${rows.length} × ${kernels.length}`
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
