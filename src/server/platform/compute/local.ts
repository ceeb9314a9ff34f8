import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSessionNice, niceness, nicenessToAdd } from '../priority.ts'
import { ageMs, isAlive, parseStat, signal, statOf, sweep } from './procfs.ts'

/** The variable by which every process of an attempt is known, also after it left the group. */
export const cookieName = 'MAINSTAY_ATTEMPT'

export interface LocalCommand {
  /** Holds `log`, `pid` and `exit` of this attempt; must exist and be used once. */
  folder: string
  cwd: string
  command: string
  env: Readonly<Record<string, string>>
  log?: string
}

/** How it ended: with a code of its own, or without having said one. */
export type Exit = { code: number } | { lost: string }

/**
 * The first act is to create `pid` where none may be yet: a server that gave the attempt up has put its own
 * there, so at most one of the two goes on. Traps keep the shim alive through SIGTERM, so that it can write
 * down how the command ended; the command itself has the default action. The exit code appears by rename.
 */
const shim = `
set -C
read -r stat < /proc/$$/stat
echo "$stat" > "$1/pid" || exit 97
set +C
trap : TERM INT HUP
(trap - TERM INT HUP; eval "$2")
code=$?
echo "$code" > "$1/exit.new"
exec /bin/mv -f "$1/exit.new" "$1/exit"
`

/** A command in a session of its own that outlives this server; its output goes to a file, not through us. */
export class LocalProcess {
  readonly folder: string
  readonly cookie: string
  readonly pid: number
  readonly startTime: number
  readonly ended: Promise<Exit>

  private constructor(folder: string, cookie: string, pid: number, startTime: number, ended: Promise<Exit>) {
    this.folder = folder
    this.cookie = cookie
    this.pid = pid
    this.startTime = startTime
    this.ended = ended
  }

  static start(options: LocalCommand): LocalProcess {
    const { folder, cwd, command, env } = options
    const log = openSync(options.log ?? join(folder, 'log'), 'a')
    try {
      const child = spawn(
        'nice',
        ['-n', String(nicenessToAdd(niceness.work)), '/bin/sh', '-c', shim, 'mainstay-step', folder, command],
        {
          cwd,
          env,
          detached: true,
          stdio: ['ignore', log, log],
        },
      )
      const ended = untilChildEnds(child, folder)
      const pid = child.pid ?? 0
      if (pid !== 0) makeSessionNice(pid, niceness.work)
      return new LocalProcess(folder, env[cookieName] ?? '', pid, statOf(pid)?.startTime ?? 0, ended)
    } finally {
      closeSync(log)
    }
  }

  /** Takes over what another server process started; `never_started` is settled for good by this call. */
  static async adopt(folder: string, cookie: string): Promise<LocalProcess | Exit | 'never_started'> {
    if (!claimPid(folder)) {
      const started = await readStarted(folder)
      if (started) {
        const { pid, startTime } = started
        const exit = readExit(folder)
        if (exit) return exit
        if (!isAlive(pid, startTime)) return readExit(folder) ?? { lost: 'the process is gone and left no exit code' }
        return new LocalProcess(folder, cookie, pid, startTime, untilGone(folder, pid, startTime))
      }
      await sweep(cookieName, new Set([cookie]))
    }
    return 'never_started'
  }

  /** How long it has run, by a clock that does not jump. */
  ageMs(): number {
    return ageMs(this.startTime)
  }

  /** SIGTERM to the group, SIGKILL after the grace, then every process that carries the cookie. */
  async kill(graceMs: number): Promise<void> {
    if (isAlive(this.pid, this.startTime)) signal(-this.pid, 'SIGTERM')
    await endOrGrace(this.ended, graceMs)
    if (isAlive(this.pid, this.startTime)) signal(-this.pid, 'SIGKILL')
    if (!(await sweep(cookieName, new Set([this.cookie]))))
      throw new Error(`processes of ${this.cookie} cannot be killed`)
    await this.ended
  }
}

async function endOrGrace(ended: Promise<Exit>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))])
  clearTimeout(timer)
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** True if no process of the attempt had started, and from now on none can. */
function claimPid(folder: string): boolean {
  try {
    writeFileSync(join(folder, 'pid'), 'given up\n', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** The shim creates the file and fills it in two steps; in between it is empty for microseconds. */
async function readStarted(folder: string): Promise<{ pid: number; startTime: number } | undefined> {
  for (let tries = 0; tries < 40; tries += 1) {
    const text = readFileSync(join(folder, 'pid'), 'latin1')
    if (text.endsWith('\n')) return parseStat(text)
    await sleep(25)
  }
  return undefined
}

function readExit(folder: string): Exit | undefined {
  const path = join(folder, 'exit')
  return existsSync(path) ? { code: Number(readFileSync(path, 'latin1')) } : undefined
}

/** Listeners are set in the same tick as the start, so a command of no length is not missed. */
function untilChildEnds(child: ChildProcess, folder: string): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ lost: `the command could not be started: ${error.message}` }))
    child.once('exit', (code, killedBy) => {
      if (child.pid !== undefined) signal(-child.pid, 'SIGKILL')
      resolve(readExit(folder) ?? { lost: killedBy === null ? `the shim ended with ${code}` : `killed by ${killedBy}` })
    })
    child.unref()
  })
}

const lookMs = 500

/** An adopted process is no child of ours: its exit file and /proc are watched. */
function untilGone(folder: string, pid: number, startTime: number): Promise<Exit> {
  return new Promise((resolve) => {
    const done = (exit: Exit): void => {
      clearInterval(timer)
      watcher.close()
      signal(-pid, 'SIGKILL')
      resolve(exit)
    }
    const look = (): void => {
      const exit = readExit(folder)
      if (exit) done(exit)
      else if (!isAlive(pid, startTime)) {
        done(readExit(folder) ?? { lost: 'the process is gone and left no exit code' })
      }
    }
    const timer = setInterval(look, lookMs)
    timer.unref()
    const watcher = watch(folder, { persistent: false }, look)
    look()
  })
}
