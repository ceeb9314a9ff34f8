import { main, seconds } from './lib/console.mjs'
import { runGates } from './lib/gates.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'

await main(async () => {
  ensureNode()
  await ensurePackages()
  const start = performance.now()
  const { passed, failures } = await runGates()
  console.log(`${passed} gates passed, ${failures.length} failed (${seconds(start)})`)
  return failures.length === 0 ? 0 : 1
})
