import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { absent, step } from './console.mjs'
import { must } from './run.mjs'

const chromiums = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * Returns the path of a Chromium, after installing Debian's when there is none and this is root.
 * @public
 */
export function ensureChromium() {
  const find = () => chromiums.map(onPath).find(Boolean)
  return ensure(find, 'chromium', 'Chromium was not found; install it (Debian and Ubuntu: apt-get install chromium).')
}

/** Returns the folder of PostgreSQL's programs, after installing Debian's when there is none and this is root. */
export function ensurePostgres() {
  return ensure(
    findPostgres,
    'postgresql',
    'PostgreSQL was not found; install it (Debian and Ubuntu: apt-get install postgresql).',
  )
}

async function ensure(find, debianPackage, sentence) {
  const found = find()
  if (found) return found
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return absent(sentence)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step(`installing ${debianPackage} with apt-get (about 1 minute)`, async () => {
    await must('apt-get', ['update', '-q'], { env }, sentence)
    await must('apt-get', ['install', '-q', '-y', '--no-install-recommends', debianPackage], { env }, sentence)
  })
  return find() ?? absent(sentence)
}

function findPostgres() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...pathFolders()]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

function onPath(name) {
  return pathFolders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

const pathFolders = () => (process.env.PATH ?? '').split(delimiter).filter(Boolean)
