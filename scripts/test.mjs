import { Absent, dim, main, red, seconds, Stop, yellow } from './lib/console.mjs'
import { runGates } from './lib/gates.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { startPostgres } from './lib/postgres.mjs'
import { runVitest } from './lib/vitest.mjs'

/**
 * The stages of `npm test`, in order. A stage returns how many tests passed and failed; one that throws counts as
 * one failure, unless what it lacks is a program of the machine and this is not CI: then it is skipped.
 */
const stages = [
  { name: 'gates', run: runGates },
  { name: 'modules on SQLite', run: () => runVitest(['pure', 'modules']) },
  { name: 'modules on PostgreSQL', run: onPostgres },
]

async function onPostgres() {
  const { url, stop } = await startPostgres()
  try {
    return await runVitest(['modules'], { MAINSTAY_TEST_DATABASE_URL: url })
  } finally {
    await stop()
  }
}

async function runStage({ name, run }) {
  const start = performance.now()
  console.log(`\n== ${name} ==`)
  const { passed, failed } = await run().catch((error) => {
    if (error instanceof Absent && process.env.CI !== 'true') {
      console.log(yellow(`skipped: ${error.message}`))
      return { passed: 0, failed: 0 }
    }
    console.error(error instanceof Stop ? red(error.message) : error)
    return { passed: 0, failed: 1 }
  })
  console.log(dim(`== ${name}: ${passed} passed, ${failed} failed in ${seconds(start)} ==`))
  return { passed, failed }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

await main(async () => {
  const total = { passed: 0, failed: 0 }
  try {
    ensureNode()
    await ensurePackages()
    for (const stage of stages) {
      const { passed, failed } = await runStage(stage)
      total.passed += passed
      total.failed += failed
    }
  } catch (error) {
    console.error(error instanceof Stop ? red(error.message) : error)
    total.failed += 1
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  return total.failed > 0 || total.passed === 0 ? 1 : 0
})
