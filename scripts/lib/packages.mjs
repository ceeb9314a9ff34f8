import { existsSync, readFileSync } from 'node:fs'
import { fail, step } from './console.mjs'
import { hash, inRoot, readStamp, writeStamp } from './files.mjs'
import { must } from './run.mjs'

const stamp = inRoot('node_modules/.mainstay-stamp')

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Mainstay needs Node 20.19 or newer, and this is ${process.versions.node}; install a newer one from nodejs.org.`)
}

/** Installs the packages of package-lock.json, unless they are installed already. */
export async function ensurePackages() {
  const lock = readFileSync(inRoot('package-lock.json'), 'utf8')
  const wanted = hash(lock)
  if (readStamp(stamp) === wanted) return
  if (!matchesInstalled(JSON.parse(lock))) {
    await step('installing packages with npm ci (about 1 minute)', () =>
      must(
        'npm',
        ['ci', '--no-fund', '--no-audit'],
        { env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } },
        'The packages could not be installed; is the package registry reachable?',
      ),
    )
  }
  writeStamp(stamp, wanted)
}

/** True when npm's own record of node_modules agrees with the lock file, so a plain `npm install` counts too. */
function matchesInstalled(lock) {
  const record = inRoot('node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '')
  return (
    wanted.every(([path, { version, optional }]) =>
      path in installed ? installed[path].version === version : optional === true,
    ) && Object.keys(installed).every((path) => path in lock.packages)
  )
}
