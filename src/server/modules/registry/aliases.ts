import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { audit } from '../audit/module.ts'
import { getModelRow } from './models.ts'
import * as q from './queries/models.ts'
import { newestVersion, type Version } from './queries/versions.ts'
import { assertAlias } from './rules.ts'
import { getVersion, getVersionRow } from './versions.ts'

/**
 * Points an alias at a version, inside the caller's transaction, so that a promotion moves alias and weights
 * together. Returns the version it pointed at before.
 */
export async function moveAlias(ctx: TxCtx, name: string, alias: string, version: number): Promise<number | undefined> {
  assertAlias(alias)
  const row = await getVersionRow(ctx, name, version)
  const previous = await q.findAlias(ctx.db, row.model, alias)
  if (previous === version) return previous
  await q.upsertAlias(ctx.db, row.model, alias, version, ctx.clock.now())
  await audit(ctx, 'registry.alias_moved', `${name}@${alias}`, { from: previous ?? null, to: version })
  ctx.emit({ type: 'registry.alias_moved', model: name, alias, version, previous: previous ?? null })
  return previous
}

export function setAlias(ctx: Ctx, name: string, alias: string, version: number): Promise<number | undefined> {
  return ctx.tx((ctx) => moveAlias(ctx, name, alias, version))
}

/** True if there was such an alias. */
export function deleteAlias(ctx: Ctx, name: string, alias: string): Promise<boolean> {
  return ctx.tx(async (ctx) => {
    const model = await getModelRow(ctx, name)
    const previous = await q.findAlias(ctx.db, model.id, alias)
    if (previous === undefined) return false
    await q.deleteAlias(ctx.db, model.id, alias)
    await audit(ctx, 'registry.alias_deleted', `${name}@${alias}`, { from: previous })
    ctx.emit({ type: 'registry.alias_moved', model: name, alias, version: null, previous })
    return true
  })
}

async function findAliased(ctx: Ctx, name: string, alias: string): Promise<Version | undefined> {
  const model = await getModelRow(ctx, name)
  // `latest` cannot be set, but it resolves.
  const version =
    alias.toLowerCase() === 'latest'
      ? await newestVersion(ctx.db, model.id)
      : await q.findAlias(ctx.db, model.id, alias)
  return version === undefined ? undefined : await getVersion(ctx, name, version)
}

export async function getAliased(ctx: Ctx, name: string, alias: string): Promise<Version> {
  const found = await findAliased(ctx, name, alias)
  if (!found)
    throw new MainstayError('registry.alias_not_found', `Registered model alias ${alias.slice(0, 255)} not found.`)
  return found
}
