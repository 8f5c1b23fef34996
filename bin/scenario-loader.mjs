// How scenarios are read that lie outside of this project, in folders whose package.json says other things or is missing.
const API = new URL('../harness/index.ts', import.meta.url).href

export async function resolve(specifier, context, next) {
  // `import { … } from 'tierlab'` means this one, wherever the scenario lies.
  const resolved = await next(specifier === 'tierlab' ? API : specifier, context)
  // TypeScript is read as an ES module everywhere: a second copy of our modules, required, would have its own registry.
  return /\.ts(\?|$)/.test(resolved.url) ? { ...resolved, format: 'module' } : resolved
}
