import type { FastifyInstance, FastifyReply } from 'fastify'
import * as api from '../../contract/identity.ts'
import { signIn } from '../modules/identity/module.ts'
import { serve } from './serve.ts'

const name = 'mainstay_session'
const longestS = 30 * 86_400

/** The token in the cookie of a browser's session. */
export function sessionOf(cookies: string | undefined): string | undefined {
  const found = cookies?.split(';').find((cookie) => cookie.trimStart().startsWith(`${name}=`))
  return found?.slice(found.indexOf('=') + 1).trim()
}

/** No script reads the cookie, and no page of another site makes the browser send it. */
function setSession(reply: FastifyReply, value: string, seconds: number): void {
  const isEncrypted = reply.request.headers.origin?.startsWith('https:') === true
  const how = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isEncrypted ? '; Secure' : ''}`
  void reply.header('set-cookie', `${name}=${value}; ${how}`)
}

/** The session is the token itself in a cookie, so that revoking the token ends it. */
export function sessionRoutes(app: FastifyInstance): void {
  serve(app, api.signIn, async (ctx, input, reply) => {
    const person = await signIn(ctx, input)
    setSession(reply, input.token, longestS)
    return person
  })
  serve(app, api.signOut, (_, __, reply) => {
    setSession(reply, '', 0)
    return Promise.resolve({})
  })
}
