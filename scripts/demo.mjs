import { existsSync } from 'node:fs'
import { ensureBuild } from './lib/build.mjs'
import { fail, main } from './lib/console.mjs'
import { inRoot } from './lib/files.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { bikes, ensurePython } from './lib/python.mjs'
import { handOver } from './lib/run.mjs'

const demo = inRoot('examples/bikes/demo.mjs')

await main(async () => {
  ensureNode()
  if (!existsSync(demo)) fail('This version has no demo yet: examples/bikes/demo.mjs is absent.')
  await ensurePackages()
  const python = await ensurePython({ requirements: bikes })
  await ensureBuild()
  return handOver(process.execPath, [demo, ...process.argv.slice(2)], {
    env: { ...process.env, MAINSTAY_PYTHON: python },
  })
})
