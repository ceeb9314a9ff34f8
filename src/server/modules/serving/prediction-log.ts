import { fileURLToPath } from 'node:url'
import type { Cell } from '../../../contract/signature.ts'
import { identifier, literal } from '../../platform/analytics/protocol.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries.ts'

export interface LogRange {
  endpoint: string
  from: number
  to: number
}

export const wholeTime = { from: 0, to: Number.MAX_SAFE_INTEGER }

/** A relation over the segments that can hold rows of the range; undefined when there is none. */
export async function logRelation(ctx: Ctx, { endpoint, from, to }: LogRange): Promise<string | undefined> {
  const segments = await q.segmentsBetween(ctx.db, endpoint, from, to)
  if (segments.length === 0) return undefined
  const files = segments.map(({ digest }) => literal(fileURLToPath(ctx.blobs.urlOf(digest))))
  const time = `coalesce(event_time, arrival) >= ${from} and coalesce(event_time, arrival) < ${to}`
  // Repeats within ten minutes are dropped by the plane; a repeat beyond that is dropped here, exactly per id.
  return `(select * from read_parquet([${files.join(', ')}], union_by_name = true) where ${time} qualify row_number() over (partition by id, kind, version order by arrival) = 1)`
}

const chunk = 5_000

/** Labels as a relation of literals: (label_id, value text). */
export function labelRelation(labels: readonly { id: string; value: Cell }[]): string {
  if (labels.length === 0) return `(select '' as label_id, '' as label where false)`
  const parts: string[] = []
  for (let i = 0; i < labels.length; i += chunk) {
    const rows = labels.slice(i, i + chunk).map(({ id, value }) => `(${literal(id)}, ${literal(value === null ? null : String(value))})`)
    parts.push(`select * from (values ${rows.join(', ')}) as l(label_id, label)`)
  }
  return `(${parts.join(' union all ')})`
}

/** Columns of the log with their users' names: inputs as they are, one output as `prediction`, more as `prediction_NAME`. */
export function exportColumns(names: readonly string[]): string {
  const inputs = names.filter((name) => name.startsWith('in.'))
  const outputs = names.filter((name) => name.startsWith('out.'))
  const fixed = ['id', 'event_time', 'variant', 'version'].map((name) => `p.${name}`)
  const taken = new Set(['id', 'event_time', 'variant', 'version', 'label'])
  const free = (name: string): string => (taken.has(name) ? `input_${name}` : name)
  return [
    ...fixed,
    ...inputs.map((name) => `p.${identifier(name)} as ${identifier(free(name.slice(3)))}`),
    ...outputs.map((name) => `p.${identifier(name)} as ${identifier(outputs.length === 1 ? 'prediction' : `prediction_${name.slice(4)}`)}`),
  ].join(', ')
}
