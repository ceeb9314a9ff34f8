import { ensureBuild } from './lib/build.mjs'
import { main } from './lib/console.mjs'
import { inRoot } from './lib/files.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { handOver } from './lib/run.mjs'

await main(async () => {
  ensureNode()
  await ensurePackages()
  await ensureBuild()
  return handOver(process.execPath, [inRoot('bin/mainstay'), 'up', ...process.argv.slice(2)], { cwd: process.cwd() })
})
