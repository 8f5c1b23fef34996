/** Unpacks a part of the page: base64 of gzip of JSON, as harness/report/html/chunks.ts has packed it. */
export async function chunk(number: string): Promise<unknown> {
  const text = document.getElementById(`chunk-${number}`)?.textContent ?? ''
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return JSON.parse(await new Response(stream).text())
}
