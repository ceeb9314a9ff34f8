import { sql } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { Comparison, Filter, OrderKey } from '../filter.ts'
import type { Lifecycle } from '../tables.ts'
import { comparePair, compareNumber, compareText, whereOf, type Sql } from './filter-sql.ts'
import { afterKey, cutPage, orderBy, sortSelection, type SearchPage, type SortColumn } from './keyset.ts'
import type { RunRow } from './runs.ts'

export interface RunSearch {
  experiments: readonly number[]
  filter: Filter | undefined
  orders: readonly OrderKey[]
  lifecycles: readonly Lifecycle[]
  limit: number
  after: string | undefined
}

const texts: ReadonlyMap<string, string> = new Map(
  Object.entries({
    run_id: 'run_id',
    run_name: 'name',
    'run name': 'name',
    'Run name': 'name',
    user_id: 'user_name',
    user: 'user_name',
    status: 'status',
    artifact_uri: 'artifact_uri',
  }),
)
const numbers: ReadonlyMap<string, string> = new Map(
  Object.entries({
    start_time: 'start_time',
    created: 'start_time',
    Created: 'start_time',
    end_time: 'end_time',
  }),
)

type Kind = 'metric' | 'param' | 'tag' | 'dataset' | 'attribute'

const kinds: readonly [RegExp, Kind][] = [
  [/^metrics?$/i, 'metric'],
  [/^(param|parameter)s?$/i, 'param'],
  [/^tags?$/i, 'tag'],
  [/^datasets?$/i, 'dataset'],
  [/^(attributes?|attr|run)$/i, 'attribute'],
]

function kindOf(entity: string): Kind {
  const found = kinds.find(([shape]) => shape.test(entity))
  if (!found) {
    throw new MainstayError(
      'experiments.invalid_filter',
      `Invalid entity type '${entity}': use metrics, params, tags, datasets or attributes`,
    )
  }
  return found[1]
}

function unknownAttribute(key: string): MainstayError {
  const names = [...texts.keys(), ...numbers.keys()].filter((name) => !/[ A-Z]/.test(name))
  return new MainstayError(
    'experiments.invalid_filter',
    `Invalid attribute key '${key}' specified. Valid keys are ${names.join(', ')}`,
  )
}

function compareRun(dialect: Dialect): (comparison: Comparison) => Sql {
  return (comparison) => {
    const { key } = comparison
    switch (kindOf(comparison.entity)) {
      case 'metric':
        return compareMetric(comparison)
      case 'param':
        return comparePair(dialect, 'run_param', 'run', sql`r.id`, comparison)
      case 'tag':
        return comparePair(dialect, 'run_tag', 'run', sql`r.id`, comparison)
      case 'dataset':
        return compareDataset(dialect, comparison)
      case 'attribute': {
        const number = numbers.get(key)
        if (number !== undefined) return compareNumber(sql.ref(`r.${number}`), comparison)
        const text = texts.get(key)
        if (text === undefined) throw unknownAttribute(key)
        return compareText(dialect, sql.ref(`r.${text}`), comparison)
      }
    }
  }
}

/** NaN is unlike every number, itself included, and neither above nor below one. */
function compareMetric(comparison: Comparison): Sql {
  const own = sql`from latest_metric where run = r.id and key = ${comparison.key}`
  const differs = compareNumber(sql`(select value ${own} and is_nan = 0)`, comparison)
  return comparison.operator === '!=' ? sql`(${differs} or exists (select 1 ${own} and is_nan = 1))` : differs
}

function compareDataset(dialect: Dialect, comparison: Comparison): Sql {
  const column = { name: sql`d.name`, digest: sql`d.digest`, context: sql`rd.context` }[comparison.key]
  if (column === undefined) {
    throw new MainstayError(
      'experiments.invalid_filter',
      `Invalid dataset key '${comparison.key}': use name, digest or context`,
    )
  }
  return sql`r.id in (select rd.run from run_dataset rd join dataset d on d.id = rd.dataset where ${compareText(dialect, column, comparison)})`
}

interface Sorting {
  joins: Sql[]
  columns: SortColumn[]
}

/** NULLs come last in both directions, NaN before them and after every number. */
function sortKey({ entity, key, descending }: OrderKey, i: number): Sorting {
  const o = `o${i}`
  const absent = sql`case when ${sql.ref(`${o}.run`)} is null then 1 else 0 end`
  switch (kindOf(entity)) {
    case 'metric':
      return {
        joins: [
          sql`left join latest_metric ${sql.table(o)} on ${sql.ref(`${o}.run`)} = r.id and ${sql.ref(`${o}.key`)} = ${key}`,
        ],
        columns: [
          {
            value: sql`case when ${sql.ref(`${o}.run`)} is null then 2 when ${sql.ref(`${o}.is_nan`)} = 1 then 1 else 0 end`,
            descending: false,
            numeric: true,
          },
          { value: sql`coalesce(${sql.ref(`${o}.value`)}, 0)`, descending, numeric: true },
        ],
      }
    case 'param':
    case 'tag': {
      const table = sql.table(kindOf(entity) === 'param' ? 'run_param' : 'run_tag')
      return {
        joins: [
          sql`left join ${table} ${sql.table(o)} on ${sql.ref(`${o}.run`)} = r.id and ${sql.ref(`${o}.key`)} = ${key}`,
        ],
        columns: [
          { value: absent, descending: false, numeric: true },
          { value: sql`coalesce(${sql.ref(`${o}.value`)}, '')`, descending, numeric: false },
        ],
      }
    }
    case 'attribute':
      return { joins: [], columns: attributeSort(key, descending) }
    case 'dataset':
      throw new MainstayError('experiments.invalid_filter', 'runs cannot be ordered by their datasets')
  }
}

function attributeSort(key: string, descending: boolean): SortColumn[] {
  const text = texts.get(key)
  if (text !== undefined) return [{ value: sql.ref(`r.${text}`), descending, numeric: false }]
  const number = numbers.get(key)
  if (number === undefined) throw unknownAttribute(key)
  if (number !== 'end_time') return [{ value: sql.ref(`r.${number}`), descending, numeric: true }]
  return [
    { value: sql`case when r.end_time is null then 1 else 0 end`, descending: false, numeric: true },
    { value: sql`coalesce(r.end_time, 0)`, descending, numeric: true },
  ]
}

function sortingOf(orders: readonly OrderKey[]): Sorting {
  const keys = orders.map(sortKey)
  const columns = keys.flatMap((key) => key.columns)
  const named = new Set(
    orders.map(({ entity, key }) => (kindOf(entity) === 'attribute' ? (numbers.get(key) ?? texts.get(key)) : '')),
  )
  if (!named.has('start_time')) columns.push({ value: sql`r.start_time`, descending: true, numeric: true })
  if (!named.has('run_id')) columns.push({ value: sql`r.run_id`, descending: false, numeric: false })
  return { joins: keys.flatMap((key) => key.joins), columns }
}

/** Runs in order, one page; what the filter names is looked up through indexes of (key, value). */
export async function searchRunRows(db: Db, dialect: Dialect, search: RunSearch): Promise<SearchPage<RunRow>> {
  if (search.experiments.length === 0) return { items: [] }
  const { joins, columns } = sortingOf(search.orders)
  const where = search.filter ? whereOf(search.filter, compareRun(dialect)) : sql`1 = 1`
  const lifecycle =
    search.lifecycles.length === 1
      ? sql`r.lifecycle = ${search.lifecycles[0]}`
      : sql`r.lifecycle in (${sql.join([...search.lifecycles])})`
  const experiment =
    search.experiments.length === 1
      ? sql`r.experiment = ${search.experiments[0]}`
      : sql`r.experiment in (${sql.join([...search.experiments])})`
  // What is sorted is narrow: the rows are fetched for the page alone.
  const page = sql`select r.id as found, ${sortSelection(columns)} from run r ${sql.join(joins, sql` `)}
    where ${experiment} and ${lifecycle} and ${where} and ${afterKey(columns, search.after)}
    order by ${orderBy(columns)} limit ${search.limit + 1}`
  const { rows } = await sql<RunRow>`select run.*, page.* from (${page}) page join run on run.id = page.found
    order by ${orderBy(columns)}`.execute(db)
  return cutPage(rows, search.limit, columns)
}
