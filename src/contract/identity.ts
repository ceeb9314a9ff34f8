import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const RoleName = z.enum(['admin', 'editor', 'viewer'])

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['admin', 'editor', 'viewer', 'step']),
  created_at: z.number(),
  expires_at: z.number().nullable(),
})
export type Token = z.infer<typeof Token>

export const createToken = endpoint({
  id: 'identity.createToken',
  method: 'POST',
  path: '/api/v1/tokens',
  permission: 'identity.write',
  summary: 'Makes an API token. Its secret is shown this one time.',
  input: z.object({
    name: z.string().min(1).max(200),
    role: RoleName.default('editor'),
    days: z.number().int().positive().max(36_500).optional(),
  }),
  output: Token.extend({ secret: z.string() }),
})

export const listTokens = endpoint({
  id: 'identity.listTokens',
  method: 'GET',
  path: '/api/v1/tokens',
  permission: 'identity.read',
  summary: 'Lists API tokens, without their secrets.',
  input: z.object({}),
  output: z.object({ items: z.array(Token) }),
})

export const revokeToken = endpoint({
  id: 'identity.revokeToken',
  method: 'DELETE',
  path: '/api/v1/tokens/:id',
  permission: 'identity.write',
  summary: 'Revokes a token; it stops working with the next request.',
  input: z.object({ id: z.string() }),
  output: z.object({}),
})

export const signIn = endpoint({
  id: 'identity.signIn',
  method: 'POST',
  path: '/api/v1/session',
  permission: 'public',
  summary: 'Opens a session of this browser with an API token: a cookie that scripts cannot read.',
  input: z.object({ token: z.string().min(1).max(200) }),
  output: z.object({ name: z.string(), role: RoleName }),
})

export const signOut = endpoint({
  id: 'identity.signOut',
  method: 'DELETE',
  path: '/api/v1/session',
  permission: 'public',
  summary: 'Ends the session of this browser; the token stays valid.',
  input: z.object({}),
  output: z.object({}),
})
