import type { Rollout } from '../../../contract/rollouts.ts'
import type { ServedEndpoint, Variant } from '../../../contract/serving.ts'
import { slotAt, type Slot } from '../../lib/colour.ts'
import { percent } from '../../lib/format.ts'
import type { Said } from '../../lib/verdict-words.ts'
import type { State } from '../../ui/state.ts'

/** A version keeps its colour on every page. */
export const slotOf = (version: number): Slot => slotAt(version - 1)

/** The variants that answer, the largest share first; a shadow answers nobody. */
export const answering = (endpoint: ServedEndpoint): Variant[] =>
  endpoint.variants
    .filter((variant) => variant.role !== 'shadow' && variant.weight > 0)
    .toSorted((a, b) => b.weight - a.weight)

export function sumOf(endpoint: ServedEndpoint, what: 'requests' | 'errors'): number | null {
  const known = endpoint.variants.flatMap((variant) => (variant[what] === null ? [] : [variant[what]]))
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

export function saidOfEndpoint({ state, rollout }: ServedEndpoint): Said {
  if (state === 'unreachable') return { state: 'crit', word: 'Unreachable' }
  if (state === 'empty') return { state: 'unknown', word: 'No version' }
  return rollout === null ? { state: 'ok', word: 'Serving' } : { state: 'running', word: 'Rolling out' }
}

const stages: Record<Rollout['stage'], State> = {
  replay: 'running',
  shadow: 'running',
  canary: 'running',
  promoted: 'ok',
  rolled_back: 'crit',
  paused: 'warn',
}

const stageWords: Record<Rollout['stage'], string> = {
  replay: 'Replay',
  shadow: 'Shadow',
  canary: 'Canary',
  promoted: 'Promoted',
  rolled_back: 'Rolled back',
  paused: 'Paused',
}

export const saidOfRollout = ({ stage, weight }: Rollout): Said => ({
  state: stages[stage],
  word: stage === 'canary' || stage === 'paused' ? `${stageWords[stage]} ${percent(weight)}` : stageWords[stage],
})

const outlook: Record<string, string> = {
  continue: 'nothing speaks against going on',
  promote: 'it may have the next step',
  pause: 'it waits',
  rollback: 'it goes back',
}

/** The answer to the page's question: who gets which version, and may the new one go on. */
export function titleOf(endpoint: ServedEndpoint, rollout: Rollout | undefined): string {
  const { name } = endpoint
  if (rollout && rollout.ended_at === null) {
    const hope = outlook[rollout.verdict?.verdict ?? 'continue'] ?? ''
    if (rollout.stage === 'replay')
      return `Version ${rollout.candidate} answers past requests of ${name} again, before it sees new ones.`
    if (rollout.stage === 'shadow')
      return `Version ${rollout.candidate} shadows ${name} and answers nobody yet; ${hope}.`
    if (rollout.stage === 'paused')
      return `Version ${rollout.candidate} is held at ${percent(rollout.weight)} of ${name}.`
    return `Version ${rollout.candidate} gets ${percent(rollout.weight)} of ${name}; ${hope}.`
  }
  const [live] = answering(endpoint)
  if (!live) return `${name} has no version yet.`
  if (endpoint.state === 'unreachable') return `${name} cannot be reached.`
  return answering(endpoint).length === 1
    ? `Version ${live.version} answers all of ${name}.`
    : `${answering(endpoint)
        .map((variant) => `Version ${variant.version} gets ${percent(variant.weight)}`)
        .join(', ')
        .replaceAll(', Version', ', version')} of ${name}.`
}
