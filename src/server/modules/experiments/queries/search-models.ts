import { sql } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { Comparison, Filter } from '../filter.ts'
import { comparePair, compareNumber, compareText, whereOf, type Sql } from './filter-sql.ts'
import { afterKey, cutPage, orderBy, sortSelection, type SearchPage, type SortColumn } from './keyset.ts'
import type { LoggedModelRow } from './logged-models.ts'

export interface DatasetName {
  name: string
  digest?: string | undefined
}

export interface ModelOrder {
  field: string
  descending: boolean
  dataset?: DatasetName | undefined
}

export interface ModelSearch {
  experiments: readonly number[]
  filter: Filter | undefined
  /** Metric conditions hold on these datasets only. */
  datasets: readonly DatasetName[]
  orders: readonly ModelOrder[]
  limit: number
  after: string | undefined
}

const texts: ReadonlyMap<string, Sql> = new Map(
  Object.entries({
    name: sql`m.name`,
    model_id: sql`m.model_id`,
    model_type: sql`m.model_type`,
    source_run_id: sql`m.source_run`,
    status: sql`m.status`,
  }),
)
const times: ReadonlyMap<string, Sql> = new Map(
  Object.entries({
    creation_timestamp: sql`m.created_at`,
    creation_time: sql`m.created_at`,
    last_updated_timestamp: sql`m.updated_at`,
  }),
)

const onDatasets = (datasets: readonly DatasetName[]): Sql => {
  if (datasets.length === 0) return sql`1 = 1`
  const one = ({ name, digest }: DatasetName): Sql =>
    digest === undefined ? sql`dataset_name = ${name}` : sql`(dataset_name = ${name} and dataset_digest = ${digest})`
  return sql`(${sql.join(datasets.map(one), sql` or `)})`
}

function compareModel(dialect: Dialect, datasets: readonly DatasetName[]): (comparison: Comparison) => Sql {
  return (comparison) => {
    const { entity, key } = comparison
    if (/^metrics?$/i.test(entity)) {
      return sql`m.id in (select model from logged_model_metric where key = ${key} and is_nan = 0 and ${onDatasets(datasets)}
        and ${compareNumber(sql`value`, comparison)})`
    }
    if (/^(param|parameter)s?$/i.test(entity))
      return comparePair(dialect, 'logged_model_param', 'model', sql`m.id`, comparison)
    if (/^tags?$/i.test(entity)) return comparePair(dialect, 'logged_model_tag', 'model', sql`m.id`, comparison)
    const time = times.get(key)
    if (time !== undefined) return compareNumber(time, comparison)
    const text = texts.get(key)
    if (text === undefined || !/^(attributes?|attr)$/i.test(entity)) {
      throw new MainstayError(
        'experiments.invalid_filter',
        `Invalid entity or attribute '${entity}.${key}' in a search of logged models`,
      )
    }
    return compareText(dialect, text, comparison)
  }
}

function sortOf(orders: readonly ModelOrder[]): SortColumn[] {
  const columns = orders.flatMap(({ field, descending, dataset }): SortColumn[] => {
    const metric = /^metrics?\.(.+)$/s.exec(field)?.[1]
    if (metric !== undefined) {
      const newest = sql`(select value from logged_model_metric x where x.model = m.id and x.key = ${metric}
        and ${onDatasets(dataset ? [dataset] : [])} order by is_nan, step desc, timestamp desc, value desc limit 1)`
      return [
        { value: sql`case when ${newest} is null then 1 else 0 end`, descending: false, numeric: true },
        { value: sql`coalesce(${newest}, 0)`, descending, numeric: true },
      ]
    }
    const key = field.replace(/^attributes?\./, '')
    const time = times.get(key)
    if (time !== undefined) return [{ value: time, descending, numeric: true }]
    const text = texts.get(key)
    if (text === undefined) {
      throw new MainstayError('experiments.invalid_filter', `Invalid order by field name: ${field}`)
    }
    return [{ value: sql`coalesce(${text}, '')`, descending, numeric: false }]
  })
  if (!orders.some(({ field }) => field.includes('creation_time'))) {
    columns.push({ value: sql`m.created_at`, descending: true, numeric: true })
  }
  return [...columns, { value: sql`m.model_id`, descending: false, numeric: false }]
}

export async function searchModelRows(
  db: Db,
  dialect: Dialect,
  search: ModelSearch,
): Promise<SearchPage<LoggedModelRow>> {
  if (search.experiments.length === 0) return { items: [] }
  const columns = sortOf(search.orders)
  const where = search.filter ? whereOf(search.filter, compareModel(dialect, search.datasets)) : sql`1 = 1`
  const { rows } = await sql<LoggedModelRow>`select m.*, ${sortSelection(columns)} from logged_model m
    where m.experiment in (${sql.join([...search.experiments])}) and m.lifecycle = 'active'
      and ${where} and ${afterKey(columns, search.after)}
    order by ${orderBy(columns)} limit ${search.limit + 1}`.execute(db)
  return cutPage(rows, search.limit, columns)
}
