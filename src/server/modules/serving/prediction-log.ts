import { fileURLToPath } from 'node:url'
import type { Cell } from '../../../contract/signature.ts'
import { identifier, literal } from '../../platform/analytics/protocol.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { chunks } from '../../platform/db/chunks.ts'
import * as q from './queries/endpoints.ts'

export interface LogRange {
  endpoint: string
  from: number
  to: number
}

export const wholeTime = { from: 0, to: Number.MAX_SAFE_INTEGER }

/** A relation over the segments that can hold rows of the range; undefined when there is none. */
export async function logRelation(ctx: Ctx, range: LogRange): Promise<string | undefined> {
  const { endpoint, from, to } = range
  return await relationOf(ctx, endpoint, await q.segmentsBetween(ctx.db, endpoint, from, to), range)
}

/** The rows of given segments, `event_time` being what the endpoint's clock says: null where it says nothing. */
export async function relationOf(
  ctx: Ctx,
  endpoint: string,
  segments: readonly { digest: string }[],
  range?: LogRange,
): Promise<string | undefined> {
  if (segments.length === 0) return undefined
  const clock = (await q.findEndpoint(ctx.db, endpoint))?.spec.clock ?? 'arrival'
  const time = clock === 'event' ? 'event_time' : 'arrival'
  const files = segments.map(({ digest }) => literal(fileURLToPath(ctx.blobs.urlOf(digest))))
  const isWhole = range === undefined || (range.from <= wholeTime.from && range.to >= wholeTime.to)
  const inRange = isWhole ? 'true' : `${time} >= ${range.from} and ${time} < ${range.to}`
  // Repeats within ten minutes are dropped by the plane; a repeat beyond that is dropped here, exactly per id.
  const perId = `partition by id, kind, case when kind = 'shadow' then version end order by arrival`
  return `(select * replace (${time} as event_time) from read_parquet([${files.join(', ')}], union_by_name = true)
    where ${inRange} qualify row_number() over (${perId}) = 1)`
}

/** Labels as a relation of literals: (label_id, value text). */
export function labelRelation(labels: readonly { id: string; value: Cell }[]): string {
  if (labels.length === 0) return `(select '' as label_id, '' as label where false)`
  const row = ({ id, value }: (typeof labels)[number]): string =>
    `(${literal(id)}, ${literal(value === null ? null : String(value))})`
  const parts = chunks(labels, 5_000).map(
    (some) => `select * from (values ${some.map(row).join(', ')}) as l(label_id, label)`,
  )
  return `(${parts.join(' union all ')})`
}

/** Columns of the log with their users' names: inputs as they are, one output as `prediction`, more as `prediction_NAME`. */
export function exportColumns(names: readonly string[]): string {
  const inputs = names.filter((name) => name.startsWith('in.'))
  const outputs = names.filter((name) => name.startsWith('out.'))
  const fixed = ['id', 'event_time', 'variant', 'version']
  const answers = outputs.map(
    (name) => [name, outputs.length === 1 ? 'prediction' : `prediction_${name.slice(4)}`] as const,
  )
  const taken = new Set([...fixed, 'label', ...answers.map(([, shown]) => shown.toLowerCase())])
  const free = (name: string): string => (taken.has(name.toLowerCase()) ? `input_${name}` : name)
  return [
    ...fixed.map((name) => `p.${name}`),
    ...inputs.map((name) => `p.${identifier(name)} as ${identifier(free(name.slice(3)))}`),
    ...answers.map(([name, shown]) => `p.${identifier(name)} as ${identifier(shown)}`),
  ].join(', ')
}
