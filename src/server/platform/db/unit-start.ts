import { sql } from 'kysely'

/** The beginning of the span of `unit` ms that a row's `hour` lies in: divided as whole numbers in both dialects. */
export const unitStart = (unit: number) => sql<number>`(hour / ${sql.lit(unit)}) * ${sql.lit(unit)}`
