import { emptyBlock } from '../compat/oip/cells.ts'
import type { RowBlock } from '../compat/oip/layout.ts'
import type { Reply } from './answers.ts'
import type { Endpoint, Variant } from './endpoint.ts'
import type { SeenId } from './repeats.ts'
import type { Problem, Work } from './runtime/lane.ts'

export const LIVE = 0
export const SHADOW = 1
export const PLAYGROUND = 2

/** What a request and its second opinions share. */
export interface RequestFacts {
  endpoint: Endpoint
  /** One per row. */
  ids: string[]
  /** What the caller calls the request: the OIP id, else the first row's id without its number. */
  requestId: string | null
  /** One for all rows, or one per row; NaN for none. */
  eventTime: number | number[]
  /** Milliseconds UTC. */
  arrival: number
  entity: string | null
}

export const eventTimeOf = (facts: RequestFacts, row: number): number =>
  typeof facts.eventTime === 'number' ? facts.eventTime : (facts.eventTime[row] ?? NaN)

/** Two variants' outcomes of one request, for the error test. */
export interface Pair {
  candidateFailed: boolean | null
  championFailed: boolean | null
}

/** Rows under way through one variant's model. */
export class Job implements Work {
  readonly facts: RequestFacts
  readonly variant: Variant
  readonly block: RowBlock
  readonly kind: number
  readonly propensity: number
  readonly deadline: number
  readonly started: number
  readonly out: RowBlock
  from = 0
  to: number
  errors: (string | null)[] | null = null
  failed = 0
  latencyUs = 0
  problem: Problem | null = null
  pair: Pair | null = null
  /** Rows to write to the prediction log; a repeat of known ids writes none. Null for all. */
  fresh: boolean[] | null = null
  readonly #onSettle: (job: Job) => void
  #isSettled = false

  constructor(
    facts: RequestFacts,
    variant: Variant,
    block: RowBlock,
    kind: number,
    propensity: number,
    started: number,
    deadline: number,
    onSettle: (job: Job) => void,
  ) {
    this.facts = facts
    this.variant = variant
    this.block = block
    this.kind = kind
    this.propensity = propensity
    this.started = started
    this.deadline = deadline
    this.to = block.n
    this.out = emptyBlock(variant.layout.outputs, block.n)
    this.#onSettle = onSettle
  }

  get isBackground(): boolean {
    return this.kind === SHADOW
  }

  isAbandoned(): boolean {
    return false
  }

  settle(problem: Problem | null): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.problem = problem
    this.latencyUs = Math.round((performance.now() - this.started) * 1000)
    this.#onSettle(this)
  }

  /** A model error: some row failed or was not finite, or the model took its thread down. */
  get isModelError(): boolean {
    return this.errors !== null || this.problem === 'crashed'
  }

  get errorRows(): number {
    if (this.problem === 'crashed') return this.block.n
    return this.errors?.reduce((sum, text) => sum + (text === null ? 0 : 1), 0) ?? 0
  }
}

/** How the request is written; the two scoring forms are answered alike. */
export type Form = 'oip' | 'scoring' | 'csv'

/** A job somebody waits for. */
export class LiveJob extends Job {
  reply!: Reply
  form: Form = 'oip'
  wanted: string[] | null = null
  /** What the answer calls itself. */
  answerId = ''
  idHeader = ''
  seen: SeenId[] | null = null
  isAnswered = false

  override isAbandoned(): boolean {
    return this.reply.isGone && this.seen === null
  }
}
