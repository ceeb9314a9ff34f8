import { sql } from 'kysely'
import { MainstayError } from '../../../../contract/errors.ts'
import type { Dialect } from '../../../platform/db/columns.ts'
import type { Db } from '../../../platform/db/db.ts'
import {
  afterKey,
  comparePair,
  compareNumber,
  compareText,
  cutPage,
  orderBy,
  sortSelection,
  whereOf,
  type Comparison,
  type Filter,
  type OrderKey,
  type SearchPage,
  type Sql,
  type SortColumn,
} from '../../experiments/module.ts'
import type { ModelRow } from './models.ts'
import type { VersionRow } from './versions.ts'

export interface RegistrySearch {
  project: string
  filter: Filter | undefined
  orders: readonly OrderKey[]
  limit: number
  after: string | undefined
}

const promptTag = 'mlflow.prompt.is_prompt'

/**
 * A tag of a registered model or version. Models and prompts share the registry: a missing prompt tag counts as
 * “not a prompt”, the opposite of the rule for other tags.
 */
function compareTag(dialect: Dialect, table: string, owner: string, self: Sql, comparison: Comparison): Sql {
  if (comparison.key !== promptTag) return comparePair(dialect, table, owner, self, comparison)
  const isPrompt = sql`${self} in (select ${sql.ref(owner)} from ${sql.table(table)} where key = ${promptTag} and value = 'true')`
  const wanted = (comparison.operator === '=') === (String(comparison.value).toLowerCase() === 'true')
  return wanted ? isPrompt : sql`not (${isPrompt})`
}

function unknownKey(key: string, known: string): MainstayError {
  return new MainstayError(
    'experiments.invalid_filter',
    `Invalid attribute key '${key}' specified. Valid keys are ${known}`,
  )
}

export async function searchModelRows(db: Db, dialect: Dialect, search: RegistrySearch): Promise<SearchPage<ModelRow>> {
  const compare = (comparison: Comparison): Sql => {
    if (/^tags?$/i.test(comparison.entity)) {
      return compareTag(dialect, 'registered_model_tag', 'model', sql`m.id`, comparison)
    }
    if (comparison.key !== 'name') throw unknownKey(comparison.key, 'name, tags.KEY')
    return compareText(dialect, sql`m.name`, comparison)
  }
  const columns = search.orders.map(({ key, descending }): SortColumn => {
    if (key === 'name') return { value: sql`m.name`, descending, numeric: false }
    if (key === 'timestamp' || key === 'last_updated_timestamp')
      return { value: sql`m.updated_at`, descending, numeric: true }
    if (key === 'creation_timestamp') return { value: sql`m.created_at`, descending, numeric: true }
    throw unknownKey(key, 'name, timestamp, creation_timestamp')
  })
  if (!search.orders.some(({ key }) => key === 'name'))
    columns.push({ value: sql`m.name`, descending: false, numeric: false })
  const where = search.filter ? whereOf(search.filter, compare) : sql`1 = 1`
  const { rows } = await sql<ModelRow>`select m.*, ${sortSelection(columns)} from registered_model m
    where m.project_id = ${search.project} and ${where} and ${afterKey(columns, search.after)}
    order by ${orderBy(columns)} limit ${search.limit + 1}`.execute(db)
  return cutPage(rows, search.limit, columns)
}

const versionTexts: ReadonlyMap<string, Sql> = new Map(
  Object.entries({
    name: sql`m.name`,
    run_id: sql`v.run_id`,
    source_path: sql`v.source`,
    source: sql`v.source`,
  }),
)

const versionNumbers: ReadonlyMap<string, Sql> = new Map(
  Object.entries({
    version_number: sql`v.version`,
    version: sql`v.version`,
    creation_timestamp: sql`v.created_at`,
    last_updated_timestamp: sql`v.updated_at`,
  }),
)

/** A version's number is a text on the wire, so filters name it in quotes as well. */
const withNumber = (comparison: Comparison): Comparison =>
  typeof comparison.value === 'string' && /^\d{1,15}$/.test(comparison.value)
    ? { ...comparison, value: Number(comparison.value) }
    : comparison

export async function searchVersionRows(
  db: Db,
  dialect: Dialect,
  search: RegistrySearch,
): Promise<SearchPage<VersionRow>> {
  const known = 'name, run_id, source_path, version_number, tags.KEY'
  const compare = (comparison: Comparison): Sql => {
    const { entity, key } = comparison
    if (/^tags?$/i.test(entity)) return compareTag(dialect, 'model_version_tag', 'version', sql`v.id`, comparison)
    const text = versionTexts.get(key)
    if (text !== undefined) return compareText(dialect, text, comparison)
    const number = versionNumbers.get(key)
    if (number === undefined) throw unknownKey(key, known)
    return compareNumber(number, withNumber(comparison))
  }
  const columns = search.orders.map(({ key, descending }): SortColumn => {
    const text = versionTexts.get(key)
    if (text !== undefined) return { value: text, descending, numeric: false }
    const number = versionNumbers.get(key)
    if (number === undefined) throw unknownKey(key, known)
    return { value: number, descending, numeric: true }
  })
  const has = (key: string): boolean => search.orders.some((order) => order.key === key)
  if (columns.length === 0) columns.push({ value: sql`v.updated_at`, descending: true, numeric: true })
  if (!has('name')) columns.push({ value: sql`m.name`, descending: false, numeric: false })
  if (!has('version_number')) columns.push({ value: sql`v.version`, descending: true, numeric: true })
  const where = search.filter ? whereOf(search.filter, compare) : sql`1 = 1`
  const { rows } = await sql<VersionRow>`select v.*, ${sortSelection(columns)} from model_version v
    join registered_model m on m.id = v.model
    where v.project_id = ${search.project} and v.deleted_at is null and ${where} and ${afterKey(columns, search.after)}
    order by ${orderBy(columns)} limit ${search.limit + 1}`.execute(db)
  return cutPage(rows, search.limit, columns)
}
