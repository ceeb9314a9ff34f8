import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handOver, tool } from './run.mjs'

/** Runs the given vitest projects (only the given files of them) and returns how many tests passed and failed. */
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
  const broken = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = (report?.numFailedTests ?? 0) + broken.length
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed }
}

/** The developer's own Mainstay settings do not reach the tests. */
function withoutSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MAINSTAY_')))
}
