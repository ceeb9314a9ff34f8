import type { Command } from 'commander'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import pc from 'picocolors'
import { about, deadJobs } from '../../contract/system.ts'
import { call } from '../call.ts'
import { homeFolder, isServerNamed, pythonProgram, serverUrl } from '../env.ts'
import { verb, type JsonOption } from '../options.ts'
import { printJson } from '../output.ts'
import { askSupervisor, livingProcesses } from '../processes.ts'

interface Finding {
  what: string
  state: 'ok' | 'warning' | 'problem'
  says: string
  /** What to do about it. */
  next?: string
}

export function register(program: Command): void {
  verb(program, 'doctor', 'Looks at home, processes, ports, Python, disk and failed jobs, and says what to do.')
    .option('--home <dir>', 'folder that holds everything (default: MAINSTAY_HOME or .mainstay)')
    .action(doctor)
}

async function doctor(options: JsonOption & { home?: string }): Promise<void> {
  const home = resolve(homeFolder(options.home))
  const local = await Promise.all([checkHome(home), checkDisk(home), checkProcesses(home), checkPython()])
  const findings = [...local.flat(), ...(await checkServer(serverOf(home)))]
  const hasProblem = findings.some(({ state }) => state === 'problem')
  if (hasProblem) process.exitCode = 1
  if (options.json) return printJson({ healthy: !hasProblem, findings })
  const marks = { ok: pc.green('ok     '), warning: pc.yellow('warning'), problem: pc.red('problem') }
  for (const { what, state, says, next } of findings) {
    console.log(`${marks[state]}  ${what.padEnd(12)} ${says}`)
    if (next !== undefined) console.log(`${' '.repeat(22)}${next}`)
  }
}

const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says })
const warning = (what: string, says: string, next: string): Finding => ({ what, state: 'warning', says, next })
const problem = (what: string, says: string, next: string): Finding => ({ what, state: 'problem', says, next })

async function checkHome(home: string): Promise<Finding> {
  if (!existsSync(home))
    return warning(
      'home',
      `${home} does not exist yet`,
      '`mainstay up` makes it; name another with --home or MAINSTAY_HOME.',
    )
  const isWritable = await access(home, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  return isWritable
    ? ok('home', home)
    : problem('home', `${home} cannot be written`, 'Give this user the folder, or choose another with --home.')
}

async function checkDisk(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existsSync(home) ? home : '.')
  const free = bavail * bsize
  const says = `${(free / 1024 ** 3).toFixed(1)} GB free`
  if (free < 500 * 1024 ** 2) return problem('disk', says, 'Free some space: a full disk stops the prediction log.')
  return free < 5 * 1024 ** 3 ? warning('disk', says, 'Free some space soon.') : ok('disk', says)
}

async function checkProcesses(home: string): Promise<Finding[]> {
  const supervisor = await askSupervisor(home, 'status')
  const living = livingProcesses(home)
  const names = living.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')
  if (supervisor === undefined && living.length > 0) {
    return [
      warning(
        'supervisor',
        `none runs, but these do: ${names}`,
        '`mainstay up` adopts them, `mainstay down` ends them.',
      ),
    ]
  }
  if (supervisor === undefined)
    return [warning('supervisor', 'nothing runs on this home', 'Start it with `mainstay up`.'), ...(await checkPorts())]
  const isComplete =
    living.some(({ name }) => name === 'control') && living.some(({ name }) => name.startsWith('plane'))
  return [
    isComplete
      ? ok('processes', names)
      : problem(
          'processes',
          names === '' ? 'none lives' : `only ${names}`,
          `Read ${home}/logs; the supervisor keeps trying to start what is missing.`,
        ),
  ]
}

async function checkPorts(): Promise<Finding[]> {
  const wanted = [7070, 8000]
  const used = (await Promise.all(wanted.map(async (port) => ((await isFree(port)) ? [] : [port])))).flat()
  if (used.length === 0) return [ok('ports', `${wanted.join(' and ')} are free`)]
  return [
    warning(
      'ports',
      `${used.join(' and ')} in use by another program`,
      'End it, or choose others with --port and --predict-port.',
    ),
  ]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

async function checkPython(): Promise<Finding> {
  const python = pythonProgram()
  const found = await new Promise<string | undefined>((resolve) => {
    execFile(
      python,
      ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
      { timeout: 10_000 },
      (error, stdout) => resolve(error ? undefined : stdout.trim()),
    )
  })
  if (found === undefined)
    return problem(
      'python',
      `${python} does not run`,
      'Install Python 3.10 or newer, or name one with MAINSTAY_PYTHON.',
    )
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const isNew = major > 3 || (major === 3 && minor >= 10)
  return isNew
    ? ok('python', `${python} is ${found}`)
    : problem(
        'python',
        `${python} is ${found}`,
        'Pipeline steps and model export want 3.10 or newer; name one with MAINSTAY_PYTHON.',
      )
}

/** The server that is named, else the one that runs on the home, wherever it listens. */
function serverOf(home: string): string {
  const port = isServerNamed() ? undefined : livingProcesses(home).find(({ name }) => name === 'control')?.port
  return port ? `http://127.0.0.1:${port}` : serverUrl()
}

async function checkServer(url: string): Promise<Finding[]> {
  const server = await call(about, {}, { url }).then(
    (value) => ({ value }),
    (error: Error) => ({ error }),
  )
  if ('error' in server)
    return [problem('control', server.error.message, 'Start it with `mainstay up`, or name another with MAINSTAY_URL.')]
  const { version, predict_url, automation } = server.value
  const findings = [ok('control', `${url}, version ${version}`)]
  const ready = await fetch(`${url}/readyz`).then(
    async (response) => (await response.json()) as { ready: boolean; missing: string[] },
  )
  if (!ready.ready)
    findings.push(problem('control', `not ready: ${ready.missing.join(', ')}`, 'Read logs/control.log in the home.'))
  const isServing = await fetch(`${predict_url}/v2/health/ready`).then(
    (response) => response.ok,
    () => false,
  )
  findings.push(
    isServing
      ? ok('data plane', predict_url)
      : problem('data plane', `${predict_url} does not answer`, 'Read logs/plane-r1.log in the home.'),
  )
  if (!automation)
    findings.push(
      warning('automation', 'MAINSTAY_AUTOMATION is off: no rule acts', 'Start without it when you want rules to act.'),
    )
  const dead = (await call(deadJobs, {}, { url })).items
  const kinds = [...new Set(dead.map(({ kind }) => kind))].join(', ')
  findings.push(
    dead.length === 0
      ? ok('jobs', 'none has failed for good')
      : problem(
          'jobs',
          `${dead.length} failed for good (${kinds}): ${dead[0]?.error ?? ''}`,
          'Read logs/control.log for the cause; after mending it, do again what made the job.',
        ),
  )
  return findings
}
