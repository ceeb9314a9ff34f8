import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import { parseFilter, parseOrders, type SearchPage } from '../experiments/module.ts'
import { assertFree } from './holds.ts'
import * as q from './queries/models.ts'
import { searchModelRows } from './queries/search.ts'
import { newestByStage, withVersionDetails, type Version } from './queries/versions.ts'
import { assertDescription, assertModelName, assertTagKey } from './rules.ts'

export type { Tag } from './queries/models.ts'

/** A registered model with what its readers see. */
export interface Model extends q.ModelRow {
  tags: q.Tag[]
  aliases: { alias: string; version: number }[]
  /** The newest version of each stage. */
  latest: Version[]
}

export async function getModelRow(ctx: Ctx, name: string): Promise<q.ModelRow> {
  const row = await q.findModel(ctx.db, ctx.project, name)
  if (!row)
    throw new MainstayError('registry.model_not_found', `Registered Model with name=${name.slice(0, 256)} not found`)
  return row
}

async function withModelDetails(ctx: Ctx, rows: readonly q.ModelRow[]): Promise<Model[]> {
  const ids = rows.map((row) => row.id)
  const tags = await q.listModelTags(ctx.db, ids)
  const aliases = await q.listAliases(ctx.db, ids)
  const latest = await withVersionDetails(ctx.db, await newestByStage(ctx.db, ids))
  return rows.map((row) => ({
    ...row,
    tags: tags.filter(({ model }) => model === row.id).map(({ key, value }) => ({ key, value })),
    aliases: aliases.filter(({ model }) => model === row.id).map(({ alias, version }) => ({ alias, version })),
    latest: latest.filter(({ model }) => model === row.id),
  }))
}

export async function getModel(ctx: Ctx, name: string): Promise<Model> {
  const [model] = await withModelDetails(ctx, [await getModelRow(ctx, name)])
  if (!model) throw new MainstayError('registry.model_not_found', `Registered Model with name=${name} not found`)
  return model
}

export interface NewModel {
  name: string
  description?: string | undefined
  tags?: readonly q.Tag[] | undefined
}

export async function createModel(ctx: Ctx, input: NewModel): Promise<Model> {
  return await ctx.tx(async (ctx) => {
    if (!(await insertModel(ctx, input))) {
      throw new MainstayError('registry.model_exists', `Registered Model (name=${input.name}) already exists.`)
    }
    return await getModel(ctx, input.name)
  })
}

/** False if the name is taken. */
export async function insertModel(ctx: TxCtx, { name, description, tags }: NewModel): Promise<boolean> {
  assertModelName(name)
  for (const { key, value } of tags ?? []) assertTagKey(key, value)
  assertDescription(description ?? '')
  const now = ctx.clock.now()
  const row = {
    id: newId('rm', now),
    project_id: ctx.project,
    name,
    description: description ?? '',
    last_version: 0,
    created_at: now,
    updated_at: now,
  }
  if (!(await q.insertModel(ctx.db, row))) return false
  for (const tag of tags ?? []) await q.upsertModelTag(ctx.db, row.id, tag)
  await audit(ctx, 'registry.model_created', name)
  return true
}

export function updateModel(ctx: Ctx, name: string, description: string): Promise<Model> {
  return ctx.tx(async (ctx) => {
    const row = await getModelRow(ctx, name)
    assertDescription(description)
    await q.updateModel(ctx.db, row.id, { description, updated_at: ctx.clock.now() })
    return await getModel(ctx, name)
  })
}

export function renameModel(ctx: Ctx, name: string, newName: string): Promise<Model> {
  assertModelName(newName)
  return ctx.tx(async (ctx) => {
    const row = await getModelRow(ctx, name)
    await assertFree(ctx, row)
    const holder = await q.findModel(ctx.db, ctx.project, newName)
    if (holder && holder.id !== row.id) {
      throw new MainstayError('registry.model_exists', `Registered Model (name=${newName}) already exists.`)
    }
    await q.updateModel(ctx.db, row.id, { name: newName, updated_at: ctx.clock.now() })
    await audit(ctx, 'registry.model_renamed', newName, { from: name })
    return await getModel(ctx, newName)
  })
}

export function deleteModel(ctx: Ctx, name: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getModelRow(ctx, name)
    await assertFree(ctx, row)
    await q.deleteModel(ctx.db, row.id)
    await audit(ctx, 'registry.model_deleted', name)
  })
}

export function setModelTag(ctx: Ctx, name: string, tag: q.Tag): Promise<void> {
  assertTagKey(tag.key, tag.value)
  return ctx.tx(async (ctx) => {
    const row = await getModelRow(ctx, name)
    await q.upsertModelTag(ctx.db, row.id, tag)
    await q.updateModel(ctx.db, row.id, { updated_at: ctx.clock.now() })
  })
}

export function deleteModelTag(ctx: Ctx, name: string, key: string): Promise<void> {
  return ctx.tx(async (ctx) => {
    const row = await getModelRow(ctx, name)
    await q.deleteModelTag(ctx.db, row.id, key)
  })
}

export interface SearchQuery {
  filter?: string | undefined
  orderBy?: readonly string[] | undefined
  limit: number
  after?: string | undefined
}

export async function searchModels(ctx: Ctx, query: SearchQuery): Promise<SearchPage<Model>> {
  const page = await searchModelRows(ctx.db, ctx.dialect, {
    project: ctx.project,
    filter: parseFilter(query.filter),
    orders: parseOrders(query.orderBy),
    limit: query.limit,
    after: query.after,
  })
  return { ...page, items: await withModelDetails(ctx, page.items) }
}
