import { fSf } from './distributions.ts'

/** The unit of evidence: what may be taken as independent of its neighbours. */
export type Unit = 'row' | 'entity' | 'hour' | 'day'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Key of the unit a row belongs to; `time` in UTC milliseconds. A row without an entity is its own unit. */
export function unitKey(unit: Unit, row: { time: number; entity?: string | undefined; id: string | number }): string {
  if (unit === 'hour') return `h${Math.floor(row.time / HOUR)}`
  if (unit === 'day') return `d${Math.floor(row.time / DAY)}`
  if (unit === 'entity' && row.entity !== undefined) return `e${row.entity}`
  return `r${row.id}`
}

/** One-way analysis of variance: is the variance of group means what independent members would give? */
export type BlockVariance = { ratio: number; p: number; blocks: number }

/**
 * Mean square between blocks over mean square within (1 when members are independent), with its F-test.
 * Undefined when there are fewer than two blocks, no block has two members, or nothing varies within.
 */
export function blockVariance(
  values: readonly number[],
  keys: readonly (string | number)[],
): BlockVariance | undefined {
  const groups = new Map<string | number, { n: number; sum: number; squares: number }>()
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  const centre = total / values.length
  for (let i = 0; i < values.length; i++) {
    const key = keys[i] as string | number
    const value = (values[i] as number) - centre
    const group = groups.get(key)
    if (group) {
      group.n++
      group.sum += value
      group.squares += value * value
    } else groups.set(key, { n: 1, sum: value, squares: value * value })
  }
  const blocks = groups.size
  const inner = values.length - blocks
  if (blocks < 2 || inner < 1) return undefined
  let between = 0
  let within = 0
  for (const { n, sum, squares } of groups.values()) {
    between += (sum * sum) / n
    within += squares - (sum * sum) / n
  }
  if (!(within > 1e-12 * between)) return between > 0 ? { ratio: Infinity, p: 0, blocks } : undefined
  const ratio = between / (blocks - 1) / (within / inner)
  return { ratio, p: fSf(ratio, blocks - 1, inner), blocks }
}

/** Independent enough: the block means vary by less than a quarter more than they should, or not beyond chance. */
function isIndependent(test: BlockVariance | undefined): boolean {
  return test === undefined || test.ratio < 1.25 || test.p > 0.01
}

/** Takes the mean of each hour of the day out, which would otherwise hide how alike the hours of one day are. */
function withoutDailyCycle(values: readonly number[], times: readonly number[]): number[] {
  const sums = new Array<number>(24).fill(0)
  const counts = new Array<number>(24).fill(0)
  const days = new Set<number>()
  const hourOf = (time: number) => Math.floor((((time % DAY) + DAY) % DAY) / HOUR)
  for (let i = 0; i < values.length; i++) {
    const hour = hourOf(times[i] as number)
    sums[hour] = (sums[hour] as number) + (values[i] as number)
    counts[hour] = (counts[hour] as number) + 1
    days.add(Math.floor((times[i] as number) / DAY))
  }
  if (days.size < 3) return [...values]
  return values.map((value, i) => {
    const hour = hourOf(times[i] as number)
    return value - (sums[hour] as number) / (counts[hour] as number)
  })
}

type Rows = { values: number[]; times: number[] }

function meansBy(rows: Rows, keys: readonly (string | number)[]): Rows {
  const groups = new Map<string | number, { sum: number; n: number; time: number }>()
  rows.values.forEach((value, i) => {
    const group = groups.get(keys[i] as string | number)
    if (group) {
      group.sum += value
      group.n++
    } else groups.set(keys[i] as string | number, { sum: value, n: 1, time: rows.times[i] as number })
  })
  const means = [...groups.values()]
  return { values: means.map((g) => g.sum / g.n), times: means.map((g) => g.time) }
}

const hours = (times: readonly number[]) => times.map((time) => Math.floor(time / HOUR))
const days = (times: readonly number[]) => times.map((time) => Math.floor(time / DAY))

function unitOfColumn(values: readonly number[], times: readonly number[], entities?: readonly string[]): Unit {
  const rows: Rows = { values: withoutDailyCycle(values, times), times: [...times] }
  const settled = (r: Rows) =>
    isIndependent(blockVariance(r.values, hours(r.times))) && isIndependent(blockVariance(r.values, days(r.times)))
  const clustered = entities !== undefined && !isIndependent(blockVariance(rows.values, entities))
  if (!clustered && settled(rows)) return 'row'
  if (clustered && entities !== undefined && settled(meansBy(rows, entities))) return 'entity'
  const hourly = meansBy(rows, hours(times))
  return isIndependent(blockVariance(hourly.values, days(hourly.times))) ? 'hour' : 'day'
}

const ORDER: readonly Unit[] = ['row', 'entity', 'hour', 'day']

/**
 * The unit for `auto`: rows when the means of hours, days and entities vary as independent rows would, else the
 * smallest block whose means do. The daily cycle is removed first. With several columns the coarsest unit wins;
 * a day is the coarsest there is. `times` are UTC milliseconds, one per row; non-finite values are left out.
 */
export function chooseUnit(
  columns: readonly (readonly number[])[],
  times: readonly number[],
  entities?: readonly string[],
): Unit {
  let coarsest = 0
  for (const column of columns) {
    const kept = column.map((_, i) => i).filter((i) => Number.isFinite(column[i]) && Number.isFinite(times[i]))
    const at = (list: readonly number[]) => kept.map((i) => list[i] as number)
    const unit = unitOfColumn(at(column), at(times), entities && kept.map((i) => entities[i] as string))
    coarsest = Math.max(coarsest, ORDER.indexOf(unit))
  }
  return ORDER[coarsest] ?? 'day'
}
