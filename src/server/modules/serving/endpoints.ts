import { EndpointSpec } from '../../../contract/serving.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type { TxCtx } from '../../platform/ctx.ts'
import type { Db } from '../../platform/db/db.ts'
import { audit } from '../audit/module.ts'
import { holdVersions } from '../registry/module.ts'
import * as q from './queries/endpoints.ts'
import { newSalt } from './snapshot.ts'

export type { EndpointRow, VariantRow } from './queries/endpoints.ts'

export async function getEndpointRow(db: Db, name: string): Promise<q.EndpointRow> {
  const row = await q.findEndpoint(db, name)
  if (!row) throw new MainstayError('serving.endpoint_not_found', `no endpoint is named ${name}`)
  return row
}

/** Creates or changes how an endpoint serves; never its versions or weights, which rollouts own. */
export async function saveEndpoint(ctx: TxCtx, name: string, spec: EndpointSpec): Promise<void> {
  const now = ctx.clock.now()
  await q.upsertEndpoint(ctx.db, {
    name,
    project_id: ctx.project,
    spec: JSON.stringify(spec),
    salt: newSalt(`${name}:${now}`),
    error_test: null,
    created_at: now,
    updated_at: now,
  })
  await q.nextGeneration(ctx.db)
  await audit(ctx, 'serving.endpoint_saved', name, { spec })
}

/** Makes an endpoint with nothing but defaults where nobody declared it; true if it was made. */
export async function ensureEndpoint(ctx: TxCtx, name: string): Promise<boolean> {
  if (await q.findEndpoint(ctx.db, name)) return false
  await saveEndpoint(ctx, name, EndpointSpec.parse({}))
  return true
}

export interface VariantPlan {
  model: string
  version: number
  weight: number
  role: 'live' | 'canary' | 'shadow'
}

export interface RoutingPlan {
  variants: readonly VariantPlan[]
  errorTest: { rollout: string; candidate: string; alpha: number; state?: unknown } | null
  /** A new one per rollout, so that the same entities are not always exposed first. */
  salt?: string
  why: string
}

export const variantName = (version: number): string => `v${version}`

/**
 * Sets who serves what share, in the caller's transaction; planes are told after the commit.
 * Returns the generation that carries it.
 */
export async function setRouting(ctx: TxCtx, endpoint: string, plan: RoutingPlan): Promise<number> {
  await getEndpointRow(ctx.db, endpoint)
  const before = new Map((await q.listVariants(ctx.db, endpoint)).map((row) => [row.name, row]))
  const now = ctx.clock.now()
  const rows = plan.variants.map((variant) => {
    const name = variantName(variant.version)
    return { endpoint, name, ...variant, since: before.get(name)?.since ?? now }
  })
  await holdVersions(ctx, `endpoint ${endpoint}`, rows)
  await q.replaceVariants(ctx.db, endpoint, rows)
  await q.setRouting(ctx.db, endpoint, {
    error_test: plan.errorTest === null ? null : JSON.stringify(plan.errorTest),
    ...(plan.salt === undefined ? {} : { salt: newSalt(plan.salt) }),
  })
  const generation = await q.nextGeneration(ctx.db)
  const told = rows.map(({ name, version, weight, role }) => ({ name, version, weight, role }))
  ctx.emit({ type: 'serving.variants_changed', endpoint, generation, variants: told })
  await audit(ctx, 'serving.variants_changed', endpoint, { why: plan.why, variants: told })
  return generation
}
