import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from '../../../contract/audit.ts'
import { createToken, revokeToken, signIn, signOut } from '../../../contract/identity.ts'
import { about } from '../../../contract/system.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'

let stack: Stack
let first: string
beforeAll(async () => {
  stack = await startStack({ env: { MAINSTAY_HOST: '0.0.0.0' } })
  first = (await stack.control.firstToken()) ?? ''
})
afterAll(() => stack[Symbol.asyncDispose]())

const own = { host: 'mainstay.example:7070', origin: 'http://mainstay.example:7070' }
const bearer = (secret: string) => ({ ...own, authorization: `Bearer ${secret}` })

/** Signs in as a browser does and answers the cookie that it got. */
async function session(token: string, origin = own.origin): Promise<string> {
  const { headers } = await stack.control.app.inject({
    method: 'POST',
    url: signIn.path,
    headers: { ...own, origin },
    payload: { token },
  })
  return String(headers['set-cookie'])
}

const cookieOf = (setCookie: string): string => setCookie.split(';', 1)[0] ?? ''

test('a home without tokens makes one for an admin, once', async () => {
  expect(first).toMatch(/^ms_/)
  expect(await stack.control.firstToken()).toBeUndefined()
  expect(await stack.call(about, {}, bearer(first))).toMatchObject({
    project: 'default',
    caller: { kind: 'token', name: 'first', role: 'admin' },
  })
})

test('beyond loopback nothing but signing in, health and the schema is answered without a token', async () => {
  const statusOf = async (url: string): Promise<number> =>
    (await stack.control.app.inject({ url, headers: own })).statusCode
  for (const url of [
    '/api/v1/about',
    '/api/v1/events',
    '/metrics',
    '/docs/api',
    '/api/2.0/mlflow/runs/get',
    '/nowhere',
  ])
    expect(await statusOf(url), url).toBe(401)
  for (const url of ['/healthz', '/api/v1/schema/mainstay.json']) expect(await statusOf(url), url).toBe(200)
  await expect(stack.call(signIn, { token: 'ms_wrong' }, own)).rejects.toMatchObject({ status: 401 })
})

test('a browser signs in with a token and is its holder until the token is revoked', async () => {
  const { id, secret } = await stack.call(createToken, { name: 'ada', role: 'viewer' }, bearer(first))
  const made = await session(secret)
  expect(made).toMatch(/; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/)
  expect(await session(secret, 'https://mainstay.example:7070')).toMatch(/; Secure$/)

  const cookie = cookieOf(made)
  const page = { ...own, cookie: `theme=dark; ${cookie}` }
  expect((await stack.call(about, {}, page)).caller).toEqual({ kind: 'token', name: 'ada', role: 'viewer' })
  await expect(stack.call(createToken, { name: 'x' }, page)).rejects.toMatchObject({ code: 'access.forbidden' })
  const { items } = await stack.call(listAudit, { subject: id }, page)
  expect(items[0]).toMatchObject({ actor: 'ada', action: 'identity.signed_in' })

  await stack.call(revokeToken, { id }, bearer(first))
  await expect(stack.call(about, {}, page)).rejects.toMatchObject({ code: 'access.unauthenticated' })
})

test('a session writes only from the server’s own pages', async () => {
  const cookie = cookieOf(await session(first))
  const write = (headers: Record<string, string>) => stack.call(createToken, { name: 'made' }, headers)
  expect(await write({ ...own, cookie })).toMatchObject({ name: 'made' })
  const foreign = { code: 'access.foreign_origin' }
  await expect(write({ host: own.host, cookie })).rejects.toMatchObject(foreign)
  await expect(write({ ...own, cookie, origin: 'http://evil.example' })).rejects.toMatchObject(foreign)
})

test('signing out takes the cookie away', async () => {
  const ended = await stack.control.app.inject({ method: 'DELETE', url: signOut.path, headers: own })
  expect(ended.headers['set-cookie']).toMatch(/^mainstay_session=; Path=\/; Max-Age=0/)
})
