import type { ModelVersion, OnnxState } from '../../../contract/registry.ts'
import type { ServedEndpoint, Variant } from '../../../contract/serving.ts'
import { number, percent } from '../../lib/format.ts'
import type { State } from '../../ui/state.ts'

interface Said {
  state: State
  word: string
}

export const versionStates: Readonly<Record<ModelVersion['status'], Said>> = {
  READY: { state: 'ok', word: 'Ready' },
  PENDING_REGISTRATION: { state: 'running', word: 'Registering' },
  FAILED_REGISTRATION: { state: 'crit', word: 'Failed' },
}

/** The newest result of each kind of gate; a gate that never ran is not judged. */
export function gateOf(version: ModelVersion): Said {
  const newest = newestGates(version)
  const refused = newest.filter((gate) => !gate.passed)
  if (newest.length === 0) return { state: 'unknown', word: 'Not judged' }
  if (refused.length > 0) return { state: 'crit', word: `Refused by ${refused.map((gate) => gate.kind).join(', ')}` }
  return { state: 'ok', word: 'Passed' }
}

export const newestGates = (version: ModelVersion): ModelVersion['gates'] => [
  ...new Map(version.gates.toSorted((a, b) => a.at - b.at).map((gate) => [gate.kind, gate])).values(),
]

const onnxWords: Readonly<Record<OnnxState['state'], Said>> = {
  pending: { state: 'running', word: 'Exporting' },
  ready: { state: 'ok', word: 'Exported' },
  failed: { state: 'crit', word: 'Export failed' },
  not_exportable: { state: 'unknown', word: 'Not exportable' },
  none: { state: 'unknown', word: 'No files here' },
}

/** An export that was not compared is not known to be right: grey, never green. */
export function onnxOf({ state, difference }: OnnxState): Said {
  if (state !== 'ready') return onnxWords[state]
  if (difference === null) return { state: 'unknown', word: 'Not compared' }
  const differs = difference.max_rel > difference.tolerance
  return { state: differs ? 'crit' : 'ok', word: `${differs ? 'Differs' : 'Same'}, ${number(difference.max_rel, 2)}` }
}

export interface Deployment {
  endpoint: string
  variant: Variant
}

export const deploymentsOf = (endpoints: readonly ServedEndpoint[], model: string, version?: number): Deployment[] =>
  endpoints.flatMap(({ name, variants }) =>
    variants
      .filter((variant) => variant.model === model && (version === undefined || variant.version === version))
      .map((variant) => ({ endpoint: name, variant })),
  )

export const deploymentWord = ({ endpoint, variant }: Deployment): string =>
  variant.role === 'shadow' ? `${endpoint}, shadow` : `${endpoint}, ${percent(variant.weight)}`

/** `bike-demand: v2 90 %, v5 10 %`, one after another for each endpoint. */
export function servedWords(deployments: readonly Deployment[]): string {
  const byEndpoint = new Map<string, string[]>()
  for (const { endpoint, variant } of deployments) {
    const share = variant.role === 'shadow' ? 'in shadow' : percent(variant.weight)
    byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), `v${variant.version} ${share}`])
  }
  return [...byEndpoint].map(([endpoint, versions]) => `${endpoint}: ${versions.join(', ')}`).join('; ')
}

export const deployCommand = (model: string, version: ModelVersion, deployed?: readonly Deployment[]): string =>
  `mainstay deploy ${model}/${version.version} --endpoint ${deployed?.[0]?.endpoint ?? 'ENDPOINT'}`
