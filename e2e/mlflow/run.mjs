import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/lib/ports.mjs'

/**
 * The unmodified MLflow client against a real server process on a home of its own.
 *
 *     node e2e/mlflow/run.mjs [CASE …]
 *
 * MAINSTAY_PYTHON names a Python that has mlflow, scikit-learn and skl2onnx; the default is the one in .venv.
 */
const root = fileURLToPath(new URL('../..', import.meta.url))
const venv = join(root, '.venv/bin/python')
const python = process.env.MAINSTAY_PYTHON ?? (existsSync(venv) ? venv : 'python3')
const home = mkdtempSync(join(tmpdir(), 'mainstay-e2e-mlflow-'))
const port = await freePort()
const uri = `http://127.0.0.1:${port}`

const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
const server = spawn(process.execPath, [tsx, join(root, 'src/server/main.ts')], {
  env: {
    ...process.env,
    MAINSTAY_HOME: home,
    MAINSTAY_PORT: String(port),
    MAINSTAY_PYTHON: python,
    MAINSTAY_LOG_LEVEL: 'warn',
  },
  stdio: ['ignore', 'inherit', 'inherit'],
})

let summary = { passed: 0, failed: 0 }
try {
  await ready()
  summary = await runCases(process.argv.slice(2))
} finally {
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('close', resolve))
  rmSync(home, { recursive: true, force: true })
}
console.log(JSON.stringify({ suite: 'mlflow', ...summary }))
process.exit(summary.failed === 0 && summary.passed > 0 ? 0 : 1)

async function ready() {
  for (let i = 0; i < 300; i += 1) {
    if (server.exitCode !== null) throw new Error('the server ended before it was ready')
    const answer = await fetch(`${uri}/health`).catch(() => undefined)
    if (answer?.ok) return
    await sleep(100)
  }
  throw new Error('the server did not become ready within 30 s')
}

async function runCases(only) {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'main.py')
  const client = spawn(python, [script, uri, ...only], {
    cwd: home,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2' },
    stdio: ['ignore', 'pipe', process.env.VERBOSE ? 'inherit' : 'ignore'],
  })
  const count = { passed: 0, failed: 0 }
  for await (const line of createInterface({ input: client.stdout })) {
    const result = JSON.parse(line)
    count[result.ok ? 'passed' : 'failed'] += 1
    console.log(`${result.ok ? 'ok    ' : 'failed'}  ${result.case} (${result.seconds} s)`)
    if (!result.ok) console.log(result.error.replace(/^/gm, '        '))
  }
  return count
}
