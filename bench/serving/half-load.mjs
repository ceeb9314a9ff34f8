import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { register } from 'tsx/esm/api'
import { openMainstay, python, root } from '../../e2e/lib/mainstay.mjs'
import { ensureBuild } from '../../scripts/lib/build.mjs'

/**
 * Does the rest of Mainstay slow predictions down? A whole Mainstay, its data plane alone on core 0, everything else on
 * core 1. First the peak; then requests leave at half of it, whatever the plane does, in turns while the rest is idle
 * and while pages are queried and a training runs as a step does. Says the ratio of the medians of both p99: a stall of
 * the machine itself, which one measurement in a few meets, is longer than anything that is measured here.
 *
 *     node bench/serving/half-load.mjs [--seconds 10] [--rounds 3]
 *
 * Needs the Python environment that `npm run demo` makes.
 */
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, rounds: { type: 'string', default: '3' } },
})
const here = fileURLToPath(new URL('.', import.meta.url))
const limit = 1.5
const features = 12

register()
await ensureBuild()
const { cookieName, LocalProcess } = await import(join(root, 'dist/server/platform/compute/local.js'))
const { makeSessionNice } = await import(join(root, 'dist/server/platform/priority.js'))
const { mlpModel } = await import(join(root, 'src/testkit/onnx-models.ts'))
const { tensorBody } = await import(join(root, 'src/testkit/plane-process.ts'))

const folder = mkdtempSync(join(tmpdir(), 'half-load-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const project = `
models: { bench: {} }
endpoints: { bench: { clock: arrival } }
monitors: { bench: { performance: { metric: wape, limit: 0.3, unit: hour, window: 1d } } }
`
const training = `
import numpy
while True:
    x = numpy.random.rand(2000, 40)
    for _ in range(50): numpy.linalg.lstsq(x, x[:, 0], rcond=None)
    sorted(x.ravel().tolist())
`
const pages = [
  '/',
  '/api/v1/monitors',
  '/api/v1/endpoints',
  '/api/v1/endpoints/bench',
  '/api/v1/monitors/bench',
  '/api/v1/endpoints/bench/traffic',
  '/api/v1/models',
  '/api/v1/incidents',
]

const pin = (pid, core) => spawnSync('taskset', ['-a', '-cp', String(core), String(pid)])

/**
 * What `load.ts` measured; it comes first on its core, so that the plane is measured and not the generator's own wait
 * for a turn. Only root may do that.
 */
async function load(port, perSecond) {
  const args = [port, '/v2/models/bench/infer', 32, options.seconds, join(folder, 'bodies'), perSecond]
  const command = ['-c', '1', process.execPath, '--import', 'tsx', join(here, 'load.ts'), ...args.map(String)]
  const child = spawn('taskset', command, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  setPriority(child.pid, -19)
  makeSessionNice(child.pid, -19)
  let text = ''
  for await (const chunk of child.stdout) text += chunk
  return JSON.parse(text)
}

/** Four people who look at one page after the other, and a training; until the function that is returned is called. */
function disturb(mainstay) {
  let isOver = false
  let read = 0
  const look = async (from) => {
    for (let at = from; !isOver; at += 1) {
      const answer = await fetch(mainstay.url + pages[at % pages.length])
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}`)
      read += 1
    }
  }
  const people = [0, 2, 4, 6].map(look)
  const work = mkdtempSync(join(folder, 'step-'))
  const step = LocalProcess.start({
    folder: work,
    cwd: work,
    command: `exec taskset -c 1 ${python} -c '${training}'`,
    env: { PATH: process.env.PATH, [cookieName]: 'half-load' },
  })
  return async () => {
    isOver = true
    await step.kill(0)
    await Promise.all(people)
    return read
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const show = (name, { perSecond, p50, p99, failed }) =>
  console.log(
    `${name.padEnd(34)} ${Math.round(perSecond)}/s  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  failed ${failed}`,
  )

const mainstay = await openMainstay('half-load')
try {
  const rows = Array.from({ length: 1000 }, () => Array.from({ length: features }, () => Math.random()))
  writeFileSync(join(folder, 'bodies'), rows.map((row) => tensorBody([row])).join('\n'))
  writeFileSync(join(folder, 'model.onnx'), mlpModel([features, 64, 32, 2]))
  writeFileSync(join(folder, 'mainstay.yaml'), project)
  await mainstay.up()
  await mainstay.cli('apply', '-f', join(folder, 'mainstay.yaml'))
  await mainstay.cli('models', 'register', 'bench', join(folder, 'model.onnx'))
  await mainstay.cli('deploy', 'bench/1', '--endpoint', 'bench', '--wait')
  for (const { pid, kind } of mainstay.processes()) pin(pid, kind === 'plane' ? 0 : 1)
  pin(process.pid, 1)

  const port = new URL(mainstay.predictUrl).port
  const peak = await load(port, 0)
  show('peak', peak)
  const half = Math.round(peak.perSecond / 2)
  const [alone, disturbed] = [[], []]
  for (let round = 0; round < Number(options.rounds); round += 1) {
    await sleep(5_000)
    alone.push(await load(port, half))
    show('half load, the rest idle', alone.at(-1))
    const end = disturb(mainstay)
    disturbed.push(await load(port, half))
    show(`half load, ${await end()} pages and training`, disturbed.at(-1))
  }
  const ratio = median(disturbed.map(({ p99 }) => p99)) / median(alone.map(({ p99 }) => p99))
  console.log(`median p99 ${ratio.toFixed(2)} times (at most ${limit})`)
  process.exitCode = ratio > limit ? 1 : 0
} finally {
  await mainstay.remove()
}
