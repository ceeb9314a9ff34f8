import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from './console.mjs'
import { freePort } from './ports.mjs'
import { must } from './run.mjs'
import { ensurePostgres } from './tools.mjs'

const fastAndForgetful = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']

/**
 * Starts a temporary PostgreSQL on a free port of the loopback address, with its data in a temporary folder.
 * Returns `{ url, stop }`; the server also ends with this process.
 */
export async function startPostgres() {
  const programs = await ensurePostgres()
  const user = ordinaryUser()
  const folder = mkdtempSync(join(user || tmpdir().length > 60 ? '/tmp' : tmpdir(), 'mainstay-pg-'))
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (user) {
    chmodSync(folder, 0o700)
    for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid)
  }
  const asUser = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C', HOME: folder } }

  await must(
    join(programs, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'mainstay',
      '--auth=password',
      `--pwfile=${passwordFile}`,
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C',
    ],
    asUser,
    'The temporary PostgreSQL could not be made.',
  )
  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    ...fastAndForgetful,
  ]
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...asUser,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  server.stdout.resume()
  server.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)))
  const ended = new Promise((resolve) => server.on('close', resolve))

  const end = () => {
    server.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', end)
  const stop = async () => {
    process.off('exit', end)
    server.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }

  for (let attempt = 0; !log.includes('ready to accept connections'); attempt += 1) {
    if (attempt === 500 || server.exitCode !== null) {
      await stop()
      fail(`${log}\nThe temporary PostgreSQL did not start.`)
    }
    await sleep(20)
  }
  return { url: `postgres://mainstay:${password}@127.0.0.1:${port}/postgres`, stop }
}

/** PostgreSQL refuses to run as root, so root runs it as another user of the machine. */
function ordinaryUser() {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (!found)
    return fail('PostgreSQL refuses to run as root and this machine has no user postgres or nobody; use another user.')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}
