import type { RowBlock } from '../../compat/oip/layout.ts'
import type { Stretch } from './graph.ts'
import type { Model } from './models.ts'

/** Rows that want a model's answer: a request's (live) or a second opinion nobody waits for (background). */
export interface Work extends Stretch {
  /** Monotonic milliseconds after which nobody waits any more. */
  deadline: number
  readonly isBackground: boolean
  /** The caller has gone; the work may be dropped before it is cut into a batch. */
  isAbandoned(): boolean
  /** Called once: with null when every row has its output or error, else why there is no answer. */
  settle(problem: Problem | null): void
}

export type Problem = 'crashed' | 'deadline' | 'abandoned'

const BATCH_ROWS = 64
/** How long one turn of the event loop may go on scoring before others get theirs. */
const TURN_MS = 5
/** A batch in a worker that runs this long, and twice as long as its callers wait, does not come back. */
const HUNG_MS = 10_000

/**
 * The queue before one model. Slot-driven: while a batch runs, what arrives queues; when the slot frees, all of it up to
 * the batch limit goes at once, with no delay added. Background work goes only when no caller waits.
 */
export class Lane {
  readonly model: Model
  queuedRows = 0
  backgroundRows = 0
  readonly #live: Work[] = []
  readonly #background: Work[] = []
  readonly #schedule: () => void
  /**
   * What a worker has in hand. No Set: the tables that a Set outgrows stay linked one to the next, and once one is old
   * they keep every request alive until V8 collects everything.
   */
  #running: readonly Work[] = []
  #isBusy = false
  #isRetired = false
  #giveUpAt = Infinity
  #timer: NodeJS.Timeout | undefined

  /** `schedule` asks for a call of `pump` at the end of this turn of the event loop. */
  constructor(model: Model, schedule: () => void) {
    this.model = model
    this.#schedule = schedule
    if (model.kind === 'worker') model.onReady = schedule
  }

  submit(work: Work): void {
    this.#live.push(work)
    this.queuedRows += work.block.n
    this.#schedule()
  }

  submitBackground(work: Work): void {
    this.#background.push(work)
    this.backgroundRows += work.block.n
    this.#schedule()
  }

  get isIdle(): boolean {
    return !this.#isBusy && this.#live.length === 0 && this.#background.length === 0
  }

  /** Runs what waits. Inline models are done when this returns (or ask for another turn); workers go on by themselves. */
  pump(): void {
    const until = performance.now() + TURN_MS
    while (!this.#isBusy) {
      const batch = this.#cut()
      if (batch.length === 0) break
      if (this.model.kind === 'worker') this.#runApart(batch)
      else {
        this.model.scoreNow(batch)
        this.#close(batch)
        if (performance.now() > until) {
          if (!this.isIdle) this.#schedule()
          break
        }
      }
    }
    this.#disposeWhenDone()
  }

  #runApart(batch: Work[]): void {
    if (this.model.kind !== 'worker') return
    this.#isBusy = true
    this.#running = batch.map(originOf)
    const now = performance.now()
    const waits = batch.map((work) => (work.deadline === Infinity ? 0 : work.deadline - now))
    this.#giveUpAt = now + Math.max(HUNG_MS, 2 * Math.max(...waits))
    this.#watch()
    this.model.score(batch).then(
      () => this.#afterApart(batch, null),
      () => this.#afterApart(batch, 'crashed'),
    )
  }

  #afterApart(batch: Work[], problem: Problem | null): void {
    this.#isBusy = false
    this.#running = []
    if (problem) for (const part of batch) this.#end(originOf(part), problem)
    else this.#close(batch)
    this.#schedule()
  }

  /** Whole requests while they fit; a request larger than a batch is cut into stretches that share its output. */
  #cut(): Work[] {
    const queue = this.#live.length > 0 ? this.#live : this.#background
    const batch: Work[] = []
    let rows = 0
    const now = performance.now()
    while (queue.length > 0 && rows < BATCH_ROWS) {
      const work = queue[0] as Work
      if (work.from === 0 && (work.deadline < now || work.isAbandoned())) {
        queue.shift()
        this.#end(work, work.deadline < now ? 'deadline' : 'abandoned')
        continue
      }
      const left = work.block.n - work.from
      if (left <= BATCH_ROWS - rows && work.from === 0) {
        batch.push(work)
        queue.shift()
        rows += left
        continue
      }
      if (rows > 0 && left > BATCH_ROWS - rows) break
      batch.push(this.#stretch(work, queue))
      break
    }
    return batch
  }

  #stretch(work: Work, queue: Work[]): Work {
    const to = Math.min(work.block.n, work.from + BATCH_ROWS)
    const part = new Part(work, work.from, to)
    work.from = to
    if (to === work.block.n) queue.shift()
    return part
  }

  #close(batch: Work[]): void {
    for (const part of batch) {
      const work = originOf(part)
      if (part instanceof Part && part.to < work.block.n) continue
      this.#end(work, null)
    }
  }

  #end(work: Work, problem: Problem | null): void {
    if (problem && work.from > 0) remove(this.#live, work)
    if (work.isBackground) this.backgroundRows -= work.block.n
    else this.queuedRows -= work.block.n
    work.settle(problem)
  }

  /** A hanging batch must hold neither its callers past their deadline nor the lane for good. */
  #watch(): void {
    this.#timer ??= setInterval(() => this.#expire(), 50).unref()
  }

  #expire(): void {
    const now = performance.now()
    const late = this.#live.filter((work) => work.deadline < now && !this.#running.includes(work))
    for (const work of late) {
      remove(this.#live, work)
      this.#end(work, 'deadline')
    }
    for (const work of this.#running) if (work.deadline < now) work.settle('deadline')
    if (this.#isBusy && now > this.#giveUpAt && this.model.kind === 'worker') this.model.abandon()
    if (this.isIdle) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  /** Takes no new work; the model is disposed when the last request that was given to it has its answer. */
  retire(): void {
    this.#isRetired = true
    this.#disposeWhenDone()
  }

  #disposeWhenDone(): void {
    if (!this.#isRetired || !this.isIdle) return
    clearInterval(this.#timer)
    this.#isRetired = false
    this.model.dispose()
  }
}

/** Some rows of a large request. Outputs and errors land in the request itself. */
class Part implements Work {
  readonly origin: Work
  readonly from: number
  readonly to: number

  constructor(origin: Work, from: number, to: number) {
    this.origin = origin
    this.from = from
    this.to = to
  }

  get block(): RowBlock {
    return this.origin.block
  }

  get out(): RowBlock {
    return this.origin.out
  }

  get errors(): (string | null)[] | null {
    return this.origin.errors
  }

  set errors(errors: (string | null)[] | null) {
    this.origin.errors = errors
  }

  get failed(): number {
    return this.origin.failed
  }

  set failed(count: number) {
    this.origin.failed = count
  }

  get deadline(): number {
    return this.origin.deadline
  }

  get isBackground(): boolean {
    return this.origin.isBackground
  }

  isAbandoned(): boolean {
    return false
  }

  settle(): void {}
}

const originOf = (work: Work): Work => (work instanceof Part ? work.origin : work)

function remove(list: Work[], work: Work): void {
  const at = list.indexOf(work)
  if (at >= 0) list.splice(at, 1)
}
