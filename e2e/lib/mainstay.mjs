import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/lib/ports.mjs'
import { kill, processesOf } from './processes.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const venv = join(root, '.venv/bin/python')
export const python = process.env.MAINSTAY_PYTHON ?? (existsSync(venv) ? venv : 'python3')
const bin = join(root, 'bin/mainstay')
const run = promisify(execFile)

/**
 * A Mainstay on a home of its own in a temporary folder and on free ports, started as people start it. It can be
 * started again on the same home; `remove` leaves no process and no file behind, whatever happened before.
 */
export async function openMainstay(label, { host } = {}) {
  const home = mkdtempSync(join(tmpdir(), `mainstay-${label}-`))
  const temporary = join(home, 'tmp')
  mkdirSync(temporary)
  const [port, predictPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const predictUrl = `http://127.0.0.1:${predictPort}`
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MAINSTAY_'))),
    MAINSTAY_LOG_LEVEL: process.env.MAINSTAY_LOG_LEVEL ?? 'warn',
    MAINSTAY_PYTHON: python,
    TMPDIR: temporary,
  }
  const end = () => processesOf(home).forEach(({ pid }) => kill(pid))
  const clear = () => {
    end()
    rmSync(home, { recursive: true, force: true })
  }
  process.on('exit', clear)
  let child
  let printed = ''

  const mainstay = {
    home,
    url,
    predictUrl,
    /** What `mainstay up` has printed. */
    printed: () => printed,
    isUp: () => child !== undefined && child.exitCode === null && child.signalCode === null,

    /** Whether the API and the data plane answer. */
    isReady: async () => (await answers(`${url}/readyz`)) && (await answers(`${predictUrl}/v2/health/live`)),

    /** `mainstay up`; resolves when it is ready. */
    async up(withinMs = 60_000) {
      const args = ['up', '--home', home, '--port', String(port), '--predict-port', String(predictPort)]
      if (host !== undefined) args.push('--host', host)
      child = spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout.on('data', (chunk) => (printed = (printed + chunk).slice(-4_000)))
      let said = ''
      child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-4_000)))
      const began = performance.now()
      while (performance.now() - began < withinMs) {
        if (!mainstay.isUp()) throw new Error(`mainstay up ended: ${said}`)
        if (await mainstay.isReady()) return performance.now() - began
        await sleep(100)
      }
      throw new Error(`mainstay up was not ready within ${withinMs / 1_000} s: ${said}`)
    },

    async down() {
      await run(process.execPath, [bin, 'down', '--home', home], { env, timeout: 60_000 })
    },

    /** A verb of the command line; its output, or its complaint as an Error. */
    async cli(...words) {
      const { stdout } = await run(process.execPath, [bin, ...words], {
        env: { ...env, MAINSTAY_URL: url },
        maxBuffer: 64e6,
        timeout: 300_000,
      }).catch((error) => {
        throw new Error(`mainstay ${words.join(' ')}: ${error.stderr || error.message}`)
      })
      return stdout
    },

    async get(path) {
      const response = await fetch(`${url}/api/v1${path}`, { signal: AbortSignal.timeout(30_000) })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return await response.json()
    },

    async post(path, body, headers = {}) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      })
      return { status: response.status, body: await response.json() }
    },

    /** The prediction log, one object a row. */
    async predictions(endpoint, query = '') {
      const response = await fetch(`${url}/api/v1/endpoints/${endpoint}/predictions?format=jsonl${query}`)
      if (!response.ok) throw new Error(`the prediction log: ${response.status} ${await response.text()}`)
      const text = await response.text()
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },

    processes: () => processesOf(home),

    /** Ends what still runs and deletes the home. */
    async remove() {
      for (let tries = 0; tries < 20 && processesOf(home).length > 0; tries += 1) {
        end()
        await sleep(50)
      }
      process.off('exit', clear)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return mainstay
}

async function answers(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  return response?.ok === true
}

/** Waits until a question is answered with yes; refusals while something starts again count as no. */
export async function until(what, ask, withinMs = 60_000) {
  const began = performance.now()
  let last
  while (performance.now() - began < withinMs) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    await sleep(150)
  }
  throw new Error(`${what} did not happen within ${withinMs / 1_000} s${last ? ` (${last.message})` : ''}`)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
