import { writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Predictions come first, at 0; then what people and ingest wait for; then what computes for minutes. 19 is last. */
export const niceness = { control: 5, work: 10 }

/** The kernel takes one change of a session's weight in a tenth of a second, unless root asks. */
const again = { afterMs: 150, times: 20 }

/**
 * Lets others go before a process that leads a session, and before what it starts. Linux may share the processors among
 * sessions first and weigh niceness only inside each of them (sched(7), autogroup), so the session is made nice too.
 * Where neither can be set the process runs as any other (docs/adr/0017).
 */
export function giveWay(leader: number, nice: number): void {
  try {
    if (getPriority(leader) < nice) setPriority(leader, nice)
  } catch {
    // It has ended, or the machine does not let us.
  }
  makeSessionNice(leader, nice)
}

export function makeSessionNice(leader: number, nice: number, times = again.times): void {
  try {
    writeFileSync(`/proc/${leader}/autogroup`, String(nice), { flag: 'r+' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || times === 0) return
    setTimeout(() => makeSessionNice(leader, nice, times - 1), again.afterMs).unref()
  }
}

/** For a command that begins with `nice`: what to add to our own niceness, so that none of its threads runs before. */
export const nicenessToAdd = (nice: number): number => Math.max(0, nice - getPriority())
