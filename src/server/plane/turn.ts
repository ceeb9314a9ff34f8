import type { Capture } from './capture.ts'
import { LiveJob, type Job } from './job.ts'
import type { Lane } from './runtime/lane.ts'

export interface TurnEvents {
  /** An outcome is known; before the rows are written. */
  outcome(job: Job): void
  /** The rows of this job are in the log, or need not be. */
  answer(job: LiveJob, isCaptured: boolean): void
  /** The answer has left. */
  afterAnswer(job: LiveJob): void
}

/**
 * The end of a turn of the event loop: everything that arrived in it is scored, logged with one write, and then
 * answered. Costs that are per call (a graph run, a write) are so paid once for all requests of the turn.
 */
export class Turn {
  readonly #capture: Capture
  readonly #events: TurnEvents
  #lanes: Lane[] = []
  #done: Job[] = []
  #isScheduled = false
  /** Jobs between their outcome and their answer; a drain waits for them. */
  waitingForDisk = 0

  constructor(capture: Capture, events: TurnEvents) {
    this.#capture = capture
    this.#events = events
  }

  readonly settled = (job: Job): void => {
    this.#done.push(job)
    this.#schedule()
  }

  pumpLater(lane: Lane): void {
    if (!this.#lanes.includes(lane)) this.#lanes.push(lane)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#isScheduled = false
    const lanes = this.#lanes
    this.#lanes = []
    for (const lane of lanes) lane.pump()
    const jobs = this.#done
    this.#done = []
    if (jobs.length === 0) return
    const logged: Job[] = []
    for (const job of jobs) {
      this.#events.outcome(job)
      if (!isLogged(job)) continue
      this.#capture.add(job)
      logged.push(job)
    }
    const isWritten = this.#capture.commit(logged)
    let durable: Set<Job> | undefined
    for (const job of logged) {
      if (isWritten && job.facts.endpoint.spec.capture === 'durable') (durable ??= new Set()).add(job)
    }
    if (durable) this.#answerWhenSynced(durable)
    for (const job of jobs) if (job instanceof LiveJob && !durable?.has(job)) this.#answer(job, isWritten)
    this.#capture.afterAnswers()
  }

  #answer(job: LiveJob, isCaptured: boolean): void {
    this.#events.answer(job, isCaptured)
    this.#events.afterAnswer(job)
  }

  /** Requests that wait for the same sync share it. */
  #answerWhenSynced(jobs: Set<Job>): void {
    this.waitingForDisk++
    const answerAll = (isCaptured: boolean) => {
      this.waitingForDisk--
      for (const job of jobs) if (job instanceof LiveJob) this.#answer(job, isCaptured)
    }
    this.#capture.spool.sync().then(
      () => answerAll(true),
      () => answerAll(false),
    )
  }
}

/** What nobody got an answer for is not logged: the caller will come again. */
function isLogged(job: Job): boolean {
  if (job.problem !== null || job.facts.endpoint.spec.capture === 'off' || job.block.n === 0) return false
  return job.fresh === null || job.fresh.includes(true)
}
