import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openMainstay, root } from '../../e2e/lib/mainstay.mjs'
import { ensureBuild } from '../../scripts/lib/build.mjs'

/**
 * What Mainstay costs when it does nothing: the start of the command line, the time to ready on an existing home, and
 * the memory of all its processes after a while (PSS: shared pages count once).
 *
 *     node bench/footprint/run.mjs [--home DIR] [--idle 90]
 *
 * --home measures on a copy of that home, for instance the one that the demo leaves; without it on a fresh one.
 */
const { values: options } = parseArgs({
  options: { home: { type: 'string' }, idle: { type: 'string', default: '90' } },
})
const limits = { startMs: 150, readyMs: 2_000, idleMb: 300 }
let isOver = false

function say(what, figure, limit, unit) {
  isOver ||= figure > limit
  const verdict = figure > limit ? 'OVER' : 'ok'
  console.log(
    `${what.padEnd(44)} ${String(Math.round(figure)).padStart(6)} ${unit.padEnd(2)}  (at most ${limit}) ${verdict}`,
  )
}

/** The best of several: the others measure what else the machine does. */
function startOf(...words) {
  const times = Array.from({ length: 10 }, () => {
    const began = performance.now()
    execFileSync(process.execPath, [join(root, 'bin/mainstay'), ...words], { stdio: 'ignore' })
    return performance.now() - began
  })
  return Math.min(...times)
}

/** MB; a process that ends while we look counts nothing. */
function pssOf(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

await ensureBuild()
say('start of mainstay --version', startOf('--version'), limits.startMs, 'ms')
say('start of mainstay --help', startOf('--help'), limits.startMs, 'ms')

const mainstay = await openMainstay('footprint')
try {
  if (options.home) {
    cpSync(options.home, mainstay.home, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    rmSync(join(mainstay.home, 'run'), { recursive: true, force: true })
  }
  // The first start of a home also makes its database or brings it up to date.
  await mainstay.up()
  await mainstay.down()
  const times = []
  for (let i = 0; i < 3; i += 1) {
    times.push(await mainstay.up())
    if (i < 2) await mainstay.down()
  }
  say(`ready on ${options.home ? 'that home' : 'an empty home'}`, Math.min(...times), limits.readyMs, 'ms')
  await sleep(Number(options.idle) * 1_000)
  const processes = mainstay.processes().map(({ pid, kind }) => ({ kind, mb: pssOf(pid) }))
  for (const { kind, mb } of processes) console.log(`  ${kind.padEnd(42)} ${String(Math.round(mb)).padStart(6)} MB`)
  const sum = processes.reduce((total, { mb }) => total + mb, 0)
  say(`memory of all processes after ${options.idle} s idle`, sum, limits.idleMb, 'MB')
} finally {
  await mainstay.remove()
}
process.exitCode = isOver ? 1 : 0
