// One permuted year as a process of its own: `node e2e/controls/seed.mjs SEED [TO]` ends with one JSON line.
import { runPermuted } from './permuted.mjs'

const [seed, to = '2012-01-01'] = process.argv.slice(2)
const result = await runPermuted(Number(seed), to)
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
