import { availableParallelism } from 'node:os'
import { ensureBuild } from './lib/build.mjs'
import { dim, green, main, red } from './lib/console.mjs'
import { inRoot } from './lib/files.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { bikes, ensurePython } from './lib/python.mjs'
import { capture, handOver } from './lib/run.mjs'

/** `npm run controls`: 20 years without drift, at most one of which may attempt a retraining; then every fault of a feed. */
const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
const mayRetrain = 1

async function year(seed, env) {
  const { code, output } = await capture(process.execPath, [inRoot('e2e/controls/seed.mjs'), String(seed)], { env })
  const line = output.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || !line.startsWith('{')) return { seed, error: output.trim().split('\n').slice(-5).join(' ') }
  return JSON.parse(line)
}

function tell(result) {
  if (result.error !== undefined) return console.log(red(`${String(result.seed).padStart(4)}  ${result.error}`))
  const judged = result.windows.filter(({ value }) => value !== null)
  const values = judged.map(({ value }) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const outside = judged.filter((window) => window.outside).length
  const inputs = result.incidents.filter(({ signal }) => signal === 'inputs').length
  const cells = [
    result.seed,
    result.retrains,
    judged.length,
    outside,
    mean.toFixed(3),
    Math.max(0, ...values).toFixed(3),
    inputs,
    `${result.seconds} s`,
  ]
  const line = cells.map((cell) => String(cell).padStart(9)).join('')
  console.log(result.retrains === 0 ? line : red(line))
  for (const action of result.actions)
    console.log(dim(`          ${action.on} ${action.kind}: ${action.sentence} ${JSON.stringify(action.numbers)}`))
}

await main(async () => {
  ensureNode()
  await ensurePackages()
  const python = await ensurePython({ requirements: bikes })
  await ensureBuild()
  const env = { ...process.env, MAINSTAY_PYTHON: python }
  console.log(
    ['seed', 'retrains', 'windows', 'outside', 'mean', 'worst', 'inputs', 'took']
      .map((name) => name.padStart(9))
      .join(''),
  )
  const waiting = [...seeds]
  const results = []
  const worker = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const result = await year(seed, env)
      results.push(result)
      tell(result)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, worker))
  const attempted = results.filter(({ retrains }) => retrains > 0).length
  const broke = results.filter(({ error }) => error !== undefined).length
  const isKept = attempted <= mayRetrain && broke === 0
  console.log(
    (isKept ? green : red)(
      `${attempted} of ${seeds.length} years without drift attempted a retraining (at most ${mayRetrain} may), ${broke} did not run`,
    ),
  )
  const code = await handOver(process.execPath, [inRoot('e2e/controls/run.mjs'), '--seeds', '', '--faults', 'all'], {
    env,
  })
  return isKept && code === 0 ? 0 : 1
})
