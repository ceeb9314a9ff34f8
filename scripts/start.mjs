import { ensureBuild } from './lib/build.mjs'
import { main, Stop, yellow } from './lib/console.mjs'
import { inRoot } from './lib/files.mjs'
import { ensureNode, ensurePackages } from './lib/packages.mjs'
import { ensurePython, training } from './lib/python.mjs'
import { handOver } from './lib/run.mjs'

await main(async () => {
  ensureNode()
  await ensurePackages()
  await ensureBuild()
  await ensureExport()
  return handOver(process.execPath, [inRoot('bin/mainstay'), 'up', ...process.argv.slice(2)], { cwd: process.cwd() })
})

/** The Python that exports models. Without it everything else works, so the server starts all the same. */
async function ensureExport() {
  if (process.env.MAINSTAY_PYTHON) return
  try {
    await ensurePython({ requirements: [training] })
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.log(yellow(`${error.message} Until then registered models have no ONNX form and cannot be deployed.`))
  }
}
