import type { PipelineAttempt, PipelineNode, PipelineRun, RunTrigger } from '../../../contract/pipelines.ts'
import { duration, plain } from '../../lib/format.ts'
import type { State } from '../../ui/state.ts'

interface Said {
  state: State
  word: string
}

export const runStates: Readonly<Record<PipelineRun['state'], Said>> = {
  queued: { state: 'unknown', word: 'Queued' },
  running: { state: 'running', word: 'Running' },
  succeeded: { state: 'ok', word: 'Succeeded' },
  failed: { state: 'crit', word: 'Failed' },
  cancelled: { state: 'skipped', word: 'Cancelled' },
}

export const nodeStates: Readonly<Record<PipelineNode['state'], Said>> = {
  waiting: { state: 'unknown', word: 'waits' },
  ready: { state: 'unknown', word: 'ready' },
  running: { state: 'running', word: 'running' },
  cancelling: { state: 'running', word: 'being cancelled' },
  succeeded: { state: 'ok', word: 'succeeded' },
  failed: { state: 'crit', word: 'failed' },
  skipped: { state: 'skipped', word: 'skipped' },
  cached: { state: 'skipped', word: 'from cache' },
  cancelled: { state: 'skipped', word: 'cancelled' },
}

/** A check that decided against is no failure of the step, and no success either. */
export const nodeState = (node: PipelineNode): Said =>
  node.state === 'succeeded' && node.passed === false
    ? { state: 'warn', word: 'decided against' }
    : nodeStates[node.state]

export const isOver = (run: PipelineRun): boolean => run.ended_at !== null

export const tookOf = ({ started_at, ended_at }: Pick<PipelineRun, 'started_at' | 'ended_at'>): number | null =>
  started_at === null || ended_at === null ? null : ended_at - started_at

export const shortRun = (id: string): string => `${id.split('_', 1)[0]}_${id.slice(-6)}`

export function triggerWords({ kind, ref }: RunTrigger): string {
  if (kind === 'manual') return `by ${ref}`
  if (kind === 'cron') return `by schedule ${ref}`
  if (kind === 'event') return `by event ${ref}`
  return kind === 'automation' ? 'by a rule of Automation' : `by ${kind} ${plain(ref)}`
}

/** One line below a step's name in the graph. */
export function nodeNote(node: PipelineNode, now: number): string {
  const took = node.started_at === null ? '' : duration((node.ended_at ?? now) - node.started_at)
  const { word } = nodeState(node)
  if (node.state === 'succeeded')
    return [node.passed === null ? '' : node.passed ? 'passed' : 'not passed', took].filter(Boolean).join(' · ')
  return [word, node.state === 'cached' || node.state === 'skipped' ? '' : took].filter(Boolean).join(' · ')
}

export const attemptWords = (attempt: PipelineAttempt): Said => {
  if (attempt.state === 'running') return { state: 'running', word: 'running' }
  const reason = attempt.reason ?? 'ended'
  if (reason === 'succeeded') return { state: 'ok', word: reason }
  if (reason === 'cached' || reason === 'cancelled' || reason === 'superseded')
    return { state: 'skipped', word: reason }
  return { state: reason === 'lost' ? 'warn' : 'crit', word: reason }
}

/** The steps whose times add up to the longest way through the graph, and how long it took. */
export function longestWay(
  nodes: readonly PipelineNode[],
  now: number,
): { names: readonly string[]; slowest: string | undefined; ms: number } {
  const tookBy = new Map(
    nodes.map((node) => [node.name, node.started_at === null ? 0 : (node.ended_at ?? now) - node.started_at]),
  )
  const ways = new Map<string, { names: string[]; ms: number }>()
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const wayTo = (name: string): { names: string[]; ms: number } => {
    const known = ways.get(name)
    if (known) return known
    const before = (byName.get(name)?.needs ?? []).map(wayTo).toSorted((a, b) => b.ms - a.ms)[0]
    const way = { names: [...(before?.names ?? []), name], ms: (before?.ms ?? 0) + (tookBy.get(name) ?? 0) }
    ways.set(name, way)
    return way
  }
  const longest = nodes.map(({ name }) => wayTo(name)).toSorted((a, b) => b.ms - a.ms)[0] ?? { names: [], ms: 0 }
  const slowest = longest.names.toSorted((a, b) => (tookBy.get(b) ?? 0) - (tookBy.get(a) ?? 0))[0]
  return { ...longest, slowest: slowest && tookBy.get(slowest) ? slowest : undefined }
}

/** The step to look at first: what failed, what runs, what decided against, else what took longest. */
export function firstToSee(nodes: readonly PipelineNode[], now: number): PipelineNode | undefined {
  const { slowest } = longestWay(nodes, now)
  return (
    nodes.find(({ state }) => state === 'failed') ??
    nodes.find(({ state }) => state === 'running' || state === 'cancelling') ??
    nodes.find(({ passed }) => passed === false) ??
    nodes.find(({ name }) => name === slowest) ??
    nodes[0]
  )
}

/** The middle of the times that ended runs took. */
export function medianTook(runs: readonly PipelineRun[]): number | null {
  const times = runs.flatMap((run) => (run.state === 'succeeded' ? (tookOf(run) ?? []) : [])).toSorted((a, b) => a - b)
  return times[Math.floor(times.length / 2)] ?? null
}
