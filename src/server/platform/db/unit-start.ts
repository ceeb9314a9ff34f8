import { sql } from 'kysely'

/** The beginning of the span of `unit` ms that a row's time lies in: divided as whole numbers in both dialects. */
export const unitStart = (unit: number, time: 'hour' | 'event_time' = 'hour') =>
  sql<number>`(${sql.raw(time)} / ${sql.lit(unit)}) * ${sql.lit(unit)}`
