import { createHash, randomBytes } from 'node:crypto'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import { MainstayError } from '../../../contract/errors.ts'
import type * as api from '../../../contract/identity.ts'
import type { Actor, Ctx, TxCtx } from '../../platform/ctx.ts'
import { newId } from '../../platform/ids.ts'
import { audit } from '../audit/module.ts'
import { requestPublish } from './publish.ts'
import * as q from './queries.ts'
import type { ApiTokenTable } from './tables.ts'

const dayMs = 86_400_000

/** A secret is 256 random bits, so a plain digest is enough to keep. */
function newSecret(): { secret: string; digest: string } {
  const secret = `ms_${randomBytes(32).toString('base64url')}`
  return { secret, digest: digestOf(secret) }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

export function createToken(ctx: Ctx, input: Parsed<typeof api.createToken>): Promise<Output<typeof api.createToken>> {
  return ctx.tx(async (ctx) => {
    const { secret, digest } = newSecret()
    const now = ctx.clock.now()
    const row = {
      id: newId('tok', now),
      project_id: ctx.project,
      name: input.name,
      role: input.role,
      digest,
      attempt: null,
      created_at: now,
      expires_at: input.days === undefined ? null : now + input.days * dayMs,
    }
    await q.insertToken(ctx.db, row)
    await requestPublish(ctx)
    await audit(ctx, 'identity.token_created', row.id, { name: row.name, role: row.role })
    return { ...q.toToken(row), secret }
  })
}

/** The token of one pipeline attempt: what is logged with it is that step's work. */
export async function issueStepToken(ctx: TxCtx, attempt: string, lifetimeMs: number): Promise<string> {
  const { secret, digest } = newSecret()
  const now = ctx.clock.now()
  await q.insertToken(ctx.db, {
    id: newId('tok', now),
    project_id: ctx.project,
    name: `step ${attempt}`,
    role: 'step',
    digest,
    attempt,
    created_at: now,
    expires_at: now + lifetimeMs,
  })
  return secret
}

/** What a step leaves behind may log nothing more in its name. */
export async function revokeStepToken(ctx: TxCtx, attempt: string): Promise<void> {
  await q.deleteOfAttempt(ctx.db, attempt)
}

export async function listTokens(ctx: Ctx): Promise<Output<typeof api.listTokens>> {
  return { items: await q.listPersonal(ctx.db) }
}

export function revokeToken(ctx: Ctx, { id }: Parsed<typeof api.revokeToken>): Promise<Record<string, never>> {
  return ctx.tx(async (ctx) => {
    if (!(await q.deleteToken(ctx.db, id)))
      throw new MainstayError('identity.token_not_found', `no token has the id ${id}`)
    await requestPublish(ctx)
    await audit(ctx, 'identity.token_revoked', id)
    return {}
  })
}

/**
 * An admin's token for a server that demands one and knows none, so that somebody can get in.
 * Answers its secret this one time; undefined when people have tokens already.
 */
export async function createFirstToken(ctx: Ctx): Promise<string | undefined> {
  return await ctx.tx(async (ctx) => {
    if ((await q.listPersonal(ctx.db)).length > 0) return undefined
    return (await createToken(ctx, { name: 'first', role: 'admin' })).secret
  })
}

/** Who holds this token, for a browser that opens a session with it; a step's token opens none. */
export async function signIn(ctx: Ctx, { token }: Parsed<typeof api.signIn>): Promise<Output<typeof api.signIn>> {
  const row = await validToken(ctx, token)
  if (row.role === 'step') throw new MainstayError('access.unauthenticated', 'the token belongs to a pipeline step')
  const { name, role } = row
  await ctx.as({ kind: 'token', name, role }).tx((ctx) => audit(ctx, 'identity.signed_in', row.id))
  return { name, role }
}

const localPerson: Actor = { kind: 'local', name: 'local', role: 'admin' }

/**
 * Who sends this request. Without a token a caller on loopback is the person at this machine;
 * a token that is sent is always checked. MLflow's user and password arrive as Basic: the password is the token.
 */
export async function authenticate(
  ctx: Ctx,
  authorization: string | undefined,
  tokenDemanded: boolean,
): Promise<Actor> {
  const secret = secretOf(authorization)
  if (secret === undefined) {
    if (tokenDemanded) throw new MainstayError('access.unauthenticated', 'this server demands a token')
    return localPerson
  }
  const row = await validToken(ctx, secret)
  const actor: Actor = { kind: 'token', name: row.name, role: row.role }
  return row.attempt === null ? actor : { ...actor, attempt: row.attempt }
}

async function validToken(ctx: Ctx, secret: string): Promise<ApiTokenTable> {
  const row = await q.findByDigest(ctx.db, digestOf(secret))
  if (!row || (row.expires_at !== null && row.expires_at < ctx.clock.now())) {
    throw new MainstayError('access.unauthenticated', 'the token is unknown or has expired')
  }
  return row
}

function secretOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const [scheme, value = ''] = authorization.split(' ', 2)
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString().split(':').slice(1).join(':')
  return ''
}
