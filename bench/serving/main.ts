/**
 * Predictions per second of one plane on one core, capture and profiles on, beside a hand-written FastAPI service with
 * the same model, in the same run. `npx tsx bench/serving/main.ts [--seconds 5] [--only plane]`; the generator has the
 * other core. The Python packages are pinned in requirements.txt and installed in a venv under the cache folder.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mlpModel } from '../../src/testkit/onnx-models.ts'
import { PlaneProcess, floatSignature, tensorBody } from '../../src/testkit/plane-process.ts'
import { buildReference } from '../../src/stats/profile.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    cache: { type: 'string', default: join(here, '../../.cache/bench-serving') },
  },
})
const FEATURES = 12

interface Measured {
  perSecond: number
  /** Predictions per second of the server's own processor time: what a quiet core would do. */
  perCpuSecond: number
  failed: number
  p50: number
  p99: number
  /** Share of its core that the generator used; near 1 it was the slower side. */
  busy: number
}

/** User and system time of a process, in seconds. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function load(pid: number | undefined, port: number, path: string, connections: number, bodies: string): Measured {
  const args = [
    '-c',
    '1',
    process.execPath,
    '--import',
    'tsx',
    join(here, 'load.ts'),
    String(port),
    path,
    String(connections),
    values.seconds,
    bodies,
  ]
  const before = cpuSeconds(pid)
  const result = spawnSync('nice', ['-n', '-10', 'taskset', ...args], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(result.stderr)
  const measured = JSON.parse(result.stdout) as Measured & { sent: number }
  return { ...measured, perCpuSecond: measured.sent / (cpuSeconds(pid) - before) }
}

function rows(count: number): number[][] {
  return Array.from({ length: count }, () =>
    Array.from({ length: FEATURES }, () => Math.round((Math.random() * 4 - 2) * 1e4) / 1e4),
  )
}

/** A thousand different requests, so that nothing can be answered from a memory of the last one. */
function writeBodies(name: string, make: (row: number[]) => string): string {
  const path = join(values.cache, name)
  writeFileSync(path, rows(1000).map(make).join('\n'))
  return path
}

/** One core for all its threads, and before others who may be busy on this machine. */
function pin(pid: number | undefined): void {
  if (pid === undefined) throw new Error('the server did not start')
  spawnSync('taskset', ['-a', '-cp', '0', String(pid)])
  spawnSync('renice', ['-n', '-10', '-p', String(pid)])
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), -10)
}

async function measurePlane(model: Buffer): Promise<Measured[]> {
  const plane = new PlaneProcess()
  await plane.start()
  pin(plane.child?.pid)
  const reference: Record<string, unknown> = {}
  for (let i = 0; i < FEATURES; i++) reference[`x${i}`] = buildReference(rows(2000).map((row) => row[0]))
  for (const y of ['y0', 'y1']) reference[y] = buildReference(rows(2000).map((row) => row[0]))
  const text = JSON.stringify(reference)
  const path = join(values.cache, 'reference.json')
  writeFileSync(path, text)
  const variant = plane.variant(1, model, floatSignature(FEATURES, 2), {
    reference_url: path,
    reference_digest: createHash('sha256').update(text).digest('hex'),
  })
  const answer = await plane.push(1, plane.endpoint([variant], { capture: 'best_effort' }))
  pin(plane.child?.pid)
  const bodies = writeBodies('oip.ndjson', (row) => tensorBody([row]))
  const results = [8, 32].map((c) => load(plane.child?.pid, plane.port, '/v2/models/bikes/infer', c, bodies))
  const status = await plane.status()
  process.stdout.write(
    `plane: model ${answer.variants[0]?.loaded}, not captured ${status.notCaptured}, spool ${Math.round(status.spool.bytes / 1e6)} MB\n`,
  )
  await plane.stop()
  return results
}

function python(): string {
  const venv = join(values.cache, 'venv')
  const bin = join(venv, 'bin/python')
  if (!existsSync(join(venv, 'ready'))) {
    for (const [command, ...args] of [
      ['python3', '-m', 'venv', venv],
      [bin, '-m', 'pip', 'install', '-q', '-r', join(here, 'requirements.txt')],
    ] as [string, ...string[]][]) {
      if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0)
        throw new Error(`${command} ${args.join(' ')} failed`)
    }
    writeFileSync(join(venv, 'ready'), '')
  }
  return bin
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 300 && child.exitCode === null; i++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('FastAPI did not start')
}

async function measureFastApi(model: Buffer): Promise<Measured[]> {
  const path = join(values.cache, 'model.onnx')
  writeFileSync(path, model)
  const port = 18_000 + (process.pid % 1000)
  const child = spawn(python(), [join(here, 'fastapi_app.py'), path, String(port)], { stdio: 'inherit' })
  await untilOpen(port, child)
  pin(child.pid)
  const bodies = writeBodies('scoring.ndjson', (row) => JSON.stringify({ instances: [row] }))
  const results = [8, 32].map((c) => load(child.pid, port, '/invocations', c, bodies))
  child.kill()
  return results
}

function print(name: string, results: Measured[]): void {
  for (const [i, r] of results.entries()) {
    process.stdout.write(
      `${name.padEnd(24)} c=${String([8, 32][i]).padStart(2)}  ${Math.round(r.perSecond).toString().padStart(7)}/s  ${Math.round(r.perCpuSecond).toString().padStart(7)} per CPU second  p50 ${r.p50.toFixed(2)} ms  p99 ${r.p99.toFixed(2)} ms  failed ${r.failed}  generator ${Math.round(r.busy * 100)} % busy\n`,
    )
  }
}

mkdirSync(values.cache, { recursive: true })
const model = mlpModel([FEATURES, 64, 32, 2])
const best = (results: Measured[], figure: 'perSecond' | 'perCpuSecond'): number =>
  Math.max(...results.map((r) => r[figure]))
const plane = await measurePlane(model)
print('mainstay plane', plane)
if (values.only !== 'plane') {
  const fastApi = await measureFastApi(model)
  print('fastapi + onnxruntime', fastApi)
  process.stdout.write(
    `ratio (best of c = 8, 32)  ${(best(plane, 'perSecond') / best(fastApi, 'perSecond')).toFixed(2)}, per CPU second ${(best(plane, 'perCpuSecond') / best(fastApi, 'perCpuSecond')).toFixed(2)}\n`,
  )
}
