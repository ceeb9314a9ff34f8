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
 * returns that. One that takes longer than its limit is ended and counts as a failure, like one that says nothing.
 */
export async function runSuite(file, { args = [], env = {}, minutes }) {
  const python = await prepare()
  const { code, summary } = await follow([inRoot(file), ...args], { MAINSTAY_PYTHON: python, ...env }, minutes)
  const { passed = 0, failed = 0 } = summary ?? {}
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
}

/** Runs a program whose exit code is its verdict. */
export async function runVerdict(file, { args = [], minutes }) {
  const python = await prepare()
  const { code } = await follow([inRoot(file), ...args], { MAINSTAY_PYTHON: python }, minutes)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
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
  for await (const line of createInterface({ input: child.stdout })) {
    summary = summaryOf(line) ?? summary
    console.log(line)
  }
  const code = await ended
  clearTimeout(timer)
  clearTimeout(forced)
  process.off('exit', end)
  return { code, summary }
}

function summaryOf(line) {
  if (!line.startsWith('{"suite"')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
