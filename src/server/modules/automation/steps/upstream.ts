import type { PlatformNode } from '../../pipelines/module.ts'

export interface ModelOutput {
  /** Logged model, `m-…`. */
  id: string
  /** Manifest digest of its frozen tree. */
  digest: string | null
  run: string | null
}

const isModel = (value: unknown): value is ModelOutput =>
  typeof value === 'object' && value !== null && typeof (value as ModelOutput).id === 'string'

/**
 * `train.model`, or the first that exists of `refit.model or train.model`; also what an expression resolved to. Where
 * nothing is named, the one model that the steps before have logged.
 */
export function findModel(node: PlatformNode, from: unknown): ModelOutput | undefined {
  if (isModel(from)) return from
  if (from === undefined) {
    const [only, ...others] = Object.values(node.upstream)
      .flatMap((outputs) => Object.values(outputs))
      .filter(isModel)
    return others.length === 0 ? only : undefined
  }
  if (typeof from !== 'string') return undefined
  for (const name of from.split(' or ')) {
    const [step = '', output = ''] = name.trim().split('.')
    const value = node.upstream[step]?.[output]
    if (isModel(value)) return value
  }
  return undefined
}

export function numberOf(spec: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = spec[name]
  return typeof value === 'number'
    ? value
    : typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
      ? Number(value)
      : undefined
}

export function textOf(spec: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = spec[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** RFC 3339 or milliseconds; undefined when empty. */
export function timeOf(spec: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const number = numberOf(spec, name)
  if (number !== undefined) return number
  const text = textOf(spec, name)
  const parsed = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isFinite(parsed) ? parsed : undefined
}
