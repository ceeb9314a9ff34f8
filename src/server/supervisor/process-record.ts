import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What lies in `<home>/run/<name>.json`: enough to know the process again, and never another with its number. */
export interface ProcessRecord {
  pid: number
  /** When the process began, in the words of the operating system; a reused pid has another. */
  startTime: string
  port: number
}

/** Undefined when no process has this pid. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (!existsSync('/proc/self/stat')) return startTimeFromPs(pid)
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The second field is the program's name in brackets and may hold spaces; fields 3 and on follow the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[22 - 3]
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

export async function isAlive(record: Pick<ProcessRecord, 'pid' | 'startTime'>): Promise<boolean> {
  return (await startTimeOf(record.pid)) === record.startTime
}

export async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Partial<ProcessRecord>
    const { pid, startTime, port } = value
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime, port: port ?? 0 } : undefined
  } catch {
    return undefined
  }
}

/** Undefined when the process has ended already. */
export async function recordOf(pid: number, port: number): Promise<ProcessRecord | undefined> {
  const startTime = await startTimeOf(pid)
  return startTime === undefined ? undefined : { pid, startTime, port }
}

export async function writeRecord(path: string, record: ProcessRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, JSON.stringify(record))
  await rename(`${path}.new`, path)
}

export async function removeRecord(path: string): Promise<void> {
  await rm(path, { force: true })
}

/** Ends a process gracefully, and by force after a while; returns when it is gone. */
export async function endProcess(record: Pick<ProcessRecord, 'pid' | 'startTime'>, graceMs = 10_000): Promise<void> {
  const deadline = performance.now() + graceMs
  for (let signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'; await isAlive(record); signal = 'SIGKILL') {
    signalProcess(record.pid, signal)
    const until = signal === 'SIGTERM' ? deadline : performance.now() + 2_000
    while (performance.now() < until && (await isAlive(record))) await sleep(25)
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
