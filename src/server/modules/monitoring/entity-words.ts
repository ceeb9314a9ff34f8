import { percent } from '../../../contract/format.ts'

/** What is said where entities are the unit and requests do not name theirs: those requests count by themselves. */
export function unnamed(named: number, rows: number): string {
  if (named >= rows) return ''
  if (named === 0) return ' (no request names its entity: each counts as one)'
  return ` (${percent(1 - named / rows)} of the rows name no entity: each of their requests counts as one)`
}
