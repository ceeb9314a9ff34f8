import { ensureBuild } from './lib/build.mjs'
import { main } from './lib/console.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'

await main(async () => {
  ensureNode()
  await ensurePackages()
  await ensureBuild()
  console.log('dist/ is up to date')
})
