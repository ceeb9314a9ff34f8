import type { PipelineRun, RunTrigger } from '../../../contract/pipelines.ts'
import { evaluate, resolveText, type Scope } from './expression.ts'
import { stepExpression } from './graph.ts'
import type { NodeRow, RunRow } from './queries/runs.ts'

export type Params = PipelineRun['params']

export const paramsOf = (run: RunRow): Params => JSON.parse(run.params) as Params
export const triggerOf = (run: RunRow): RunTrigger => ({ kind: run.trigger_kind, ref: run.trigger_ref })
export const outputsOf = (node: NodeRow): Record<string, unknown> => JSON.parse(node.outputs) as Record<string, unknown>

/** What expressions call `train.metrics` are the numbers themselves. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'metrics') return value
  return 'values' in value ? value.values : value
}

export function upstreamOutputs(nodes: readonly NodeRow[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    nodes.map((node) => [
      node.name,
      Object.fromEntries(Object.entries(outputsOf(node)).map(([name, value]) => [name, readable(value)])),
    ]),
  )
}

/** What a step's expressions can read: the run, its parameters and the steps that this one needs. */
export function scopeOf(run: RunRow, upstream: readonly NodeRow[]): Scope {
  const outputs = upstreamOutputs(upstream)
  const steps = upstream.map((node) => [
    node.name,
    { ...outputs[node.name], state: node.state, passed: node.passed === null ? null : node.passed === 1 },
  ])
  return {
    params: paramsOf(run),
    run: { id: run.id, pipeline: run.pipeline, trigger: run.trigger_kind, ref: run.trigger_ref },
    ...(Object.fromEntries(steps) as Record<string, unknown>),
  }
}

/** Resolves every `${{ }}` inside a nested value. */
export function resolveDeep(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return resolveText(value, scope)
  if (Array.isArray(value)) return value.map((item) => resolveDeep(item, scope))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolveDeep(inner, scope)]))
}

export interface ResolvedSpec {
  spec: Record<string, unknown>
  /** Top-level fields whose expression found nothing, such as the version of a step that was skipped. */
  empty: string[]
}

/** Like `resolveDeep`, where a plain text that reads steps (`refit.model or train.model`) is an expression too. */
export function resolveSpec(spec: Readonly<Record<string, unknown>>, scope: Scope): ResolvedSpec {
  const empty: string[] = []
  const isStep = (name: string): boolean => Object.hasOwn(scope, name) && name !== 'params' && name !== 'run'
  const resolved = Object.entries(spec).map(([name, value]): [string, unknown] => {
    const bare = typeof value === 'string' && !value.includes('${{') ? stepExpression(value, isStep) : undefined
    if (!bare) return [name, resolveDeep(value, scope)]
    const found = evaluate(bare, scope)
    if (found === null) empty.push(name)
    return [name, found]
  })
  return { spec: Object.fromEntries(resolved), empty }
}
