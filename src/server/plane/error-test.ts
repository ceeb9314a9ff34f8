import type { PlaneEndpointStatus } from '../../contract/plane.ts'
import {
  isRateHarmful,
  rateRatioLogE,
  startRateRatio,
  updateRateRatio,
  type RateRatioState,
} from '../../stats/eprocess.ts'

const MAX_ENTITIES = 100_000

/** What survives a restart of the plane. */
export interface ErrorTestRecord {
  rollout: string
  candidate: string
  state: RateRatioState
  candidateErrors: number
  candidateRows: number
  championErrors: number
  championRows: number
  hurtRows: number
}

function isState(value: unknown): value is RateRatioState {
  const state = value as Partial<RateRatioState> | null | undefined
  return Array.isArray(state?.ratios) && Array.isArray(state.logE) && typeof state.peakLogE === 'number'
}

/**
 * The rate-ratio e-process of one rollout. Its events are model errors of requests:
 *
 * - A request that both variants score (shadow, paired canary) counts once both outcomes are known, each error with
 *   propensity 0.5: under equal error rates the two outcomes are exchangeable, so a lone error is the candidate's with
 *   chance one half, and two errors multiply E by 4q(1 − q) ≤ 1. A pair of which one half was dropped counts nowhere,
 *   whichever half it was; otherwise a slow candidate would shed its own evidence.
 * - A request that only one variant scores counts with the candidate's share of the traffic of the two at that moment.
 * - One event per unit: a request of a thousand failing rows is one event, and an entity's first event is its only one,
 *   since an entity stays with its variant and would otherwise repeat one draw many times.
 */
export class ErrorTest {
  readonly rollout: string
  readonly candidate: string
  alpha: number
  candidateErrors = 0
  candidateRows = 0
  championErrors = 0
  championRows = 0
  /** Rows of callers that got an error from the candidate. */
  hurtRows = 0
  lastError = ''
  #state: RateRatioState
  readonly #entities = new Set<string>()

  constructor(rollout: string, candidate: string, alpha: number, evidence: unknown) {
    this.rollout = rollout
    this.candidate = candidate
    this.alpha = alpha
    this.#state = isState(evidence) ? structuredClone(evidence) : startRateRatio()
  }

  restore(record: ErrorTestRecord): void {
    this.#state = record.state
    this.candidateErrors = record.candidateErrors
    this.candidateRows = record.candidateRows
    this.championErrors = record.championErrors
    this.championRows = record.championRows
    this.hurtRows = record.hurtRows
  }

  toRecord(): ErrorTestRecord {
    const { rollout, candidate, candidateErrors, candidateRows, championErrors, championRows, hurtRows } = this
    return {
      rollout,
      candidate,
      state: this.#state,
      candidateErrors,
      candidateRows,
      championErrors,
      championRows,
      hurtRows,
    }
  }

  single(isCandidate: boolean, isError: boolean, propensity: number, entity: string | null): void {
    if (isCandidate) this.candidateRows++
    else this.championRows++
    if (isError && this.#isFirst(entity)) this.#event(isCandidate, propensity)
  }

  pair(candidateFailed: boolean, championFailed: boolean, entity: string | null): void {
    this.candidateRows++
    this.championRows++
    if ((!candidateFailed && !championFailed) || !this.#isFirst(entity)) return
    if (candidateFailed) this.#event(true, 0.5)
    if (championFailed) this.#event(false, 0.5)
  }

  #event(isCandidate: boolean, propensity: number): void {
    if (isCandidate) this.candidateErrors++
    else this.championErrors++
    updateRateRatio(this.#state, { isCandidate, propensity })
  }

  /** Once the table of entities is full, later ones are left out: less evidence, never false evidence. */
  #isFirst(entity: string | null): boolean {
    if (entity === null) return true
    if (this.#entities.has(entity) || this.#entities.size >= MAX_ENTITIES) return false
    this.#entities.add(entity)
    return true
  }

  get logE(): number {
    return rateRatioLogE(this.#state)
  }

  get isHarmful(): boolean {
    return isRateHarmful(this.#state, this.alpha)
  }

  toStatus(tripped: boolean): NonNullable<PlaneEndpointStatus['errorTest']> {
    const { rollout, candidate, logE, candidateErrors, candidateRows, championErrors, championRows } = this
    return {
      rollout,
      candidate,
      logE,
      candidateErrors,
      candidateRows,
      championErrors,
      championRows,
      tripped,
      state: this.#state,
    }
  }
}
