import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ensureBuild } from './build.mjs'
import { inRoot, root } from './files.mjs'
import { bikes, ensurePython } from './python.mjs'

/** What every suite stands on: the compiled program and the Python environment. */
async function prepare() {
  const python = await ensurePython({ requirements: bikes })
  await ensureBuild()
  return python
}

/**
 * Runs a program that ends with a line like {"suite": "kills", "passed": 12, "failed": 0}, shows what it says and
 * returns how many checks passed and which failed (its lines that begin so). One that takes longer than its limit is
 * ended and counts as a failure, like one that says nothing.
 */
export async function runSuite(file, { args = [], env = {}, minutes }) {
  const python = await prepare()
  const { code, summary, failures } = await follow(
    [inRoot(file), ...args],
    { MAINSTAY_PYTHON: python, ...env },
    minutes,
  )
  if (failures.length === 0 && (code !== 0 || summary?.failed !== 0)) {
    failures.push(
      summary ? `${summary.failed} checks failed` : `${file} ended with exit code ${code}, without a result`,
    )
  }
  return { passed: summary?.passed ?? 0, failures }
}

/** Runs a program whose exit code is its verdict. */
export async function runVerdict(file, { args = [], minutes }) {
  const python = await prepare()
  const { code } = await follow([inRoot(file), ...args], { MAINSTAY_PYTHON: python }, minutes)
  return code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`${file} ended with exit code ${code}`] }
}

async function follow(command, env, minutes) {
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const end = () => child.kill('SIGTERM')
  process.on('exit', end)
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  let forced
  const timer = setTimeout(() => {
    console.error(`ended after its limit of ${minutes} minutes`)
    end()
    forced = setTimeout(() => child.kill('SIGKILL'), 15_000)
  }, minutes * 60_000)
  let summary
  const failures = []
  for await (const line of createInterface({ input: child.stdout })) {
    summary = summaryOf(line) ?? summary
    if (line.startsWith('failed  ')) failures.push(line.slice(8))
    console.log(line)
  }
  const code = await ended
  clearTimeout(timer)
  clearTimeout(forced)
  process.off('exit', end)
  return { code, summary, failures }
}

function summaryOf(line) {
  if (!line.startsWith('{"suite"')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
