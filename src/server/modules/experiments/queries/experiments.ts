import { sql, type Selectable } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import type { Comparison, Filter, OrderKey } from '../filter.ts'
import type { ExperimentTable, Lifecycle } from '../tables.ts'
import { comparePair, compareNumber, compareText, whereOf, type Sql } from './filter-sql.ts'
import { afterKey, cutPage, orderBy, sortSelection, type SearchPage, type SortColumn } from './keyset.ts'

export type ExperimentRow = Selectable<ExperimentTable>

export interface Tag {
  key: string
  value: string
}

export interface Experiment extends ExperimentRow {
  tags: Tag[]
}

export async function findExperiment(db: Db, id: number): Promise<Experiment | undefined> {
  const row = await db.selectFrom('experiment').selectAll().where('id', '=', id).executeTakeFirst()
  return row && (await withTags(db, [row]))[0]
}

export async function findExperimentByName(db: Db, project: string, name: string): Promise<Experiment | undefined> {
  const row = await db
    .selectFrom('experiment')
    .selectAll()
    .where('project_id', '=', project)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && (await withTags(db, [row]))[0]
}

async function withTags(db: Db, rows: readonly ExperimentRow[]): Promise<Experiment[]> {
  const ids = rows.map((row) => row.id)
  const tags =
    ids.length === 0
      ? []
      : await db.selectFrom('experiment_tag').selectAll().where('experiment', 'in', ids).orderBy('key').execute()
  return rows.map((row) => ({
    ...row,
    tags: tags.filter((tag) => tag.experiment === row.id).map(({ key, value }) => ({ key, value })),
  }))
}

export async function insertExperiment(db: Db, row: Omit<ExperimentRow, 'id'>): Promise<number | undefined> {
  const inserted = await db
    .insertInto('experiment')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

export async function updateExperiment(db: Db, id: number, values: Partial<Omit<ExperimentRow, 'id'>>): Promise<void> {
  await db.updateTable('experiment').set(values).where('id', '=', id).execute()
}

export async function upsertExperimentTag(db: Db, experiment: number, { key, value }: Tag): Promise<void> {
  await db
    .insertInto('experiment_tag')
    .values({ experiment, key, value })
    .onConflict((conflict) => conflict.columns(['experiment', 'key']).doUpdateSet({ value }))
    .execute()
}

export async function deleteExperimentTag(db: Db, experiment: number, key: string): Promise<boolean> {
  const result = await db
    .deleteFrom('experiment_tag')
    .where('experiment', '=', experiment)
    .where('key', '=', key)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function setLifecycleOfRuns(db: Db, experiment: number, lifecycle: Lifecycle): Promise<void> {
  await db.updateTable('run').set({ lifecycle }).where('experiment', '=', experiment).execute()
}

export interface ExperimentSearch {
  project: string
  filter: Filter | undefined
  orders: readonly OrderKey[]
  lifecycles: readonly Lifecycle[]
  limit: number
  after: string | undefined
}

const times: ReadonlyMap<string, string> = new Map(
  Object.entries({ creation_time: 'created_at', last_update_time: 'updated_at' }),
)

const texts: ReadonlyMap<string, Sql> = new Map(
  Object.entries({ name: sql`e.name`, experiment_id: sql`cast(e.id as text)` }),
)

function compareExperiment(dialect: Dialect): (comparison: Comparison) => Sql {
  return (comparison) => {
    const { entity, key } = comparison
    if (/^tags?$/i.test(entity)) return comparePair(dialect, 'experiment_tag', 'experiment', sql`e.id`, comparison)
    const time = times.get(key)
    if (entity === 'attribute' && time !== undefined) return compareNumber(sql.ref(`e.${time}`), comparison)
    const text = texts.get(key)
    if (/^attr(ibutes?)?$/i.test(entity) && text !== undefined) return compareText(dialect, text, comparison)
    throw new MainstayError(
      'experiments.invalid_filter',
      `Invalid attribute key '${key}': use name, experiment_id, creation_time, last_update_time or tags.KEY`,
    )
  }
}

function sortOf(orders: readonly OrderKey[]): SortColumn[] {
  const columns = orders.map(({ key, descending }): SortColumn => {
    if (key === 'experiment_id') return { value: sql`e.id`, descending, numeric: true }
    if (key === 'name') return { value: sql`e.name`, descending, numeric: false }
    const time = times.get(key)
    if (time !== undefined) return { value: sql.ref(`e.${time}`), descending, numeric: true }
    throw new MainstayError('experiments.invalid_filter', `Invalid order_by key '${key}'`)
  })
  const usual: SortColumn[] =
    columns.length === 0 ? [{ value: sql`e.created_at`, descending: true, numeric: true }] : columns
  return orders.some(({ key }) => key === 'experiment_id')
    ? usual
    : [...usual, { value: sql`e.id`, descending: false, numeric: true }]
}

export async function searchExperiments(
  db: Db,
  dialect: Dialect,
  search: ExperimentSearch,
): Promise<SearchPage<Experiment>> {
  const columns = sortOf(search.orders)
  const where = search.filter ? whereOf(search.filter, compareExperiment(dialect)) : sql`1 = 1`
  const { rows } = await sql<ExperimentRow>`select e.*, ${sortSelection(columns)} from experiment e
    where e.project_id = ${search.project} and e.lifecycle in (${sql.join([...search.lifecycles])})
      and ${where} and ${afterKey(columns, search.after)}
    order by ${orderBy(columns)} limit ${search.limit + 1}`.execute(db)
  const page = cutPage(rows, search.limit, columns)
  return { ...page, items: await withTags(db, page.items) }
}
