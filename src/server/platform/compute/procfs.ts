import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

const ticksPerSecond = 100

export interface ProcessStat {
  pid: number
  /** `Z` is dead already and only waits to be reaped. */
  state: string
  group: number
  /** Clock ticks since the machine started: with the pid it names one process for good. */
  startTime: number
}

/** Reads a line of /proc/PID/stat; the command in parentheses may hold anything. */
export function parseStat(line: string): ProcessStat | undefined {
  const match = /^(\d+) \(.*\) (\S) (.*)$/s.exec(line.trim())
  if (!match) return undefined
  const rest = (match[3] ?? '').split(' ')
  return { pid: Number(match[1]), state: match[2] ?? '?', group: Number(rest[1]), startTime: Number(rest[18]) }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

export function statOf(pid: number): ProcessStat | undefined {
  const line = readOrUndefined(`/proc/${pid}/stat`)
  return line === undefined ? undefined : parseStat(line)
}

/** True if this very process lives; another one that was given its pid does not count. */
export function isAlive(pid: number, startTime: number): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X'
}

/** How long a process has run by the machine's own clock, which no change of the date moves. */
export function ageMs(startTime: number): number {
  const uptime = Number(readOrUndefined('/proc/uptime')?.split(' ')[0] ?? 0)
  return Math.max(0, (uptime - startTime / ticksPerSecond) * 1_000)
}

/** Living processes whose environment holds `NAME=…`, by the value: pids of each. */
export async function processesByVariable(name: string): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  const start = `${name}=`
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number)
  for (const pid of pids) {
    // Other users' processes and those that end meanwhile cannot be read, and are none of ours.
    const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    const at = text.startsWith(start) ? 0 : text.indexOf(`\0${start}`) + 1
    if (at === 0 && !text.startsWith(start)) continue
    const value = text.slice(at + start.length).split('\0', 1)[0] ?? ''
    found.set(value, [...(found.get(value) ?? []), pid])
  }
  return found
}

/** Sends a signal; a process or group that is gone already is what we want. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const settled = (pid: number): boolean => {
  const state = statOf(pid)?.state
  return state === undefined || state === 'Z' || state === 'X'
}

/** Kills every process that carries the value, those that they make meanwhile included; true when none is left. */
export async function sweep(name: string, values: ReadonlySet<string>, rounds = 50): Promise<boolean> {
  for (let round = 0; round < rounds; round += 1) {
    const found = await processesByVariable(name)
    const living = [...found].flatMap(([value, pids]) => (values.has(value) ? pids : [])).filter((pid) => !settled(pid))
    if (living.length === 0) return true
    for (const pid of living) signal(pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 5 + round))
  }
  return false
}
