import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

/** A process that a supervisor has noted in `<home>/run`. */
export interface NotedProcess {
  name: string
  pid: number
  startTime: string
  port: number
}

function startTimeOf(pid: number): string | undefined {
  try {
    if (!existsSync('/proc/self/stat'))
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[22 - 3]
  } catch {
    return undefined
  }
}

const isAlive = (noted: NotedProcess): boolean => startTimeOf(noted.pid) === noted.startTime

/** The noted processes that live: same pid and same start. */
export function livingProcesses(home: string): NotedProcess[] {
  const folder = join(home, 'run')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.flatMap((name) => {
    const noted = readNoted(join(folder, name), name.slice(0, -'.json'.length))
    return noted !== undefined && isAlive(noted) ? [noted] : []
  })
}

function readNoted(path: string, name: string): NotedProcess | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<NotedProcess>
    if (typeof value.pid !== 'number' || typeof value.startTime !== 'string') return undefined
    return { name, pid: value.pid, startTime: value.startTime, port: value.port ?? 0 }
  } catch {
    return undefined
  }
}

/** Asks the supervisor of a home; its answer, or undefined if none lives. Resolves when it closes the connection. */
export async function askSupervisor(home: string, wish: 'status' | 'down'): Promise<string | undefined> {
  return await new Promise((resolve) => {
    let text = ''
    const socket = createConnection(join(home, 'run', 'supervisor.sock'))
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`{"do":"${wish}"}\n`))
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => resolve(text === '' ? undefined : text))
    socket.on('close', () => resolve(text === '' ? undefined : text))
  })
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** TERM, ten seconds to drain, KILL. */
export async function endProcess(noted: NotedProcess, graceMs = 10_000): Promise<void> {
  const deadline = performance.now() + graceMs
  for (let signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'; isAlive(noted); signal = 'SIGKILL') {
    process.kill(noted.pid, signal)
    const until = signal === 'SIGTERM' ? deadline : performance.now() + 2_000
    while (performance.now() < until && isAlive(noted)) await sleep(25)
  }
}
