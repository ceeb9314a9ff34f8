import { main, seconds } from './lib/console.mjs'
import { runGates } from './lib/gates.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'

await main(async () => {
  ensureNode()
  await ensurePackages()
  const start = performance.now()
  const { passed, failed } = await runGates()
  console.log(`${passed} gates passed, ${failed} failed (${seconds(start)})`)
  return failed === 0 ? 0 : 1
})
