import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fail } from './console.mjs'

/** What a browser may have to fetch before the first page is drawn: scripts and styles, compressed. */
const mostInitial = 300_000

/** Puts a compressed file beside each script and style, and refuses pages that begin with too much. */
export function compressWeb(folder) {
  const sizes = new Map()
  for (const name of readdirSync(join(folder, 'assets')).filter((one) => /\.(js|css)$/.test(one))) {
    const packed = gzipSync(readFileSync(join(folder, 'assets', name)), { level: 9 })
    writeFileSync(join(folder, 'assets', `${name}.gz`), packed)
    sizes.set(name, packed.length)
  }
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const initial = [...html.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => sizes.get(name) ?? 0)
  const sum = initial.reduce((whole, size) => whole + size, 0)
  if (sum > mostInitial) fail(`The pages begin with ${sum} bytes of scripts and styles; at most ${mostInitial} may be.`)
}
