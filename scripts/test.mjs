import { existsSync } from 'node:fs'
import { Absent, dim, main, red, seconds, Stop, yellow } from './lib/console.mjs'
import { filesBelow, inRoot } from './lib/files.mjs'
import { runGates } from './lib/gates.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { startPostgres } from './lib/postgres.mjs'
import { runSuite, runVerdict } from './lib/suite.mjs'
import { runVitest } from './lib/vitest.mjs'

/**
 * The stages of `npm test`, in order. A stage returns how many tests passed and which failed; one that throws counts as
 * one failure, unless what it lacks is a program of the machine and this is not CI: then it is skipped.
 */
const stages = [
  { name: 'gates', run: runGates },
  { name: 'modules on SQLite', run: () => runVitest(['pure', 'modules']) },
  { name: 'modules on PostgreSQL', run: onPostgres },
  { name: 'bad input on SQLite', run: () => runSuite('e2e/fuzz/run.mjs', { minutes: 3 }) },
  { name: 'bad input on the data plane', run: () => runSuite('e2e/fuzz/plane.mjs', { minutes: 2 }) },
  { name: 'MLflow client', run: () => runSuite('e2e/mlflow/run.mjs', { minutes: 6 }) },
  { name: 'demo', run: () => runVerdict('examples/bikes/demo.mjs', { args: ['--check'], minutes: 8 }) },
  { name: 'controls', run: () => runSuite('e2e/controls/run.mjs', { minutes: 8 }) },
  { name: 'kills', run: () => runSuite('e2e/kills/run.mjs', { minutes: 7 }) },
  { name: 'journeys', run: () => runSuite('e2e/journeys/run.mjs', { minutes: 5 }), file: 'e2e/journeys/run.mjs' },
].filter(({ file }) => file === undefined || existsSync(inRoot(file)))

/** What asks a database runs on both; what only kills processes or computes does so once, on SQLite. */
const asksDatabase = (path) =>
  /^src\/server\/(modules|http|compat\/mlflow|platform\/db)\/.*\.test\.ts$/.test(path) &&
  !/\/(kill|rules|control|queries)\.test\.ts$/.test(path)

async function onPostgres() {
  const files = filesBelow('src').filter(asksDatabase)
  const { url, stop } = await startPostgres()
  const env = { MAINSTAY_TEST_DATABASE_URL: url }
  try {
    const modules = await runVitest(['modules'], env, files)
    const fuzz = await runSuite('e2e/fuzz/run.mjs', { env, minutes: 3 })
    return { passed: modules.passed + fuzz.passed, failures: [...modules.failures, ...fuzz.failures] }
  } finally {
    await stop()
  }
}

async function runStage({ name, run }) {
  const start = performance.now()
  console.log(`\n== ${name} ==`)
  const { passed, failures } = await run().catch((error) => {
    if (error instanceof Absent && process.env.CI !== 'true') {
      console.log(yellow(`skipped: ${error.message}`))
      return { passed: 0, failures: [] }
    }
    return { passed: 0, failures: [told(error)] }
  })
  console.log(dim(`== ${name}: ${passed} passed, ${failures.length} failed in ${seconds(start)} ==`))
  return { passed, failures: failures.map((failure) => `${name}: ${failure}`) }
}

/** Prints what broke a stage and returns its first line. */
function told(error) {
  console.error(error instanceof Stop ? red(error.message) : error)
  return String(error instanceof Error ? error.message : error).split('\n')[0]
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

await main(async () => {
  let passed = 0
  const failures = []
  try {
    ensureNode()
    await ensurePackages()
    for (const stage of stages) {
      const result = await runStage(stage)
      passed += result.passed
      failures.push(...result.failures)
    }
  } catch (error) {
    failures.push(told(error))
  }
  // Named once more: of a long output often only the end is kept.
  if (failures.length > 0) console.log(red(['', 'Failed:', ...failures].join('\n  ')))
  console.log(`\n${passed} passed, ${failures.length} failed`)
  return failures.length > 0 || passed === 0 ? 1 : 0
})
