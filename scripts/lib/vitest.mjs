import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root } from './files.mjs'
import { handOver, tool } from './run.mjs'

/** Runs the given vitest projects (only the given files of them) and returns how many tests passed and which failed. */
export async function runVitest(projects, env = {}, files = []) {
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-'))
  const report = join(folder, 'report.json')
  try {
    const code = await handOver(
      process.execPath,
      [
        ...tool('vitest/vitest.mjs'),
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        ...files,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { env: { ...withoutSettings(process.env), TMPDIR: folder, MAINSTAY_HOME: join(folder, 'home'), ...env } },
    )
    return count(code, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not be loaded, an error outside a test and a run without tests count as one failure each. */
function count(code, report) {
  const passed = report?.numPassedTests ?? 0
  const failures = (report?.testResults ?? []).flatMap(failuresOf)
  if (failures.length === 0 && code !== 0) failures.push(`vitest ended with exit code ${code}`)
  if (failures.length === 0 && passed === 0) failures.push('no test was run')
  return { passed, failures }
}

function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [`${file}: ${firstLine(message)}`]
  return failed.map(({ fullName, failureMessages }) => `${file}, ${fullName}: ${firstLine(failureMessages[0])}`)
}

const firstLine = (text) => text?.trim().split('\n')[0] ?? ''

/** The developer's own Mainstay settings do not reach the tests. */
function withoutSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MAINSTAY_')))
}
