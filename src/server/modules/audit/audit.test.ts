import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit, verifyAudit } from '../../../contract/audit.ts'
import { createToken, listTokens, revokeToken } from '../../../contract/identity.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { insertRow, rowsAfter } from './queries.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

test('who made and revoked a token is on record, and the chain verifies', async () => {
  const token = await stack.call(createToken, { name: 'ci' })
  await stack.call(revokeToken, { id: token.id })

  const { items } = await stack.call(listAudit, { subject: token.id })
  expect(items.map((record) => record.action)).toEqual(['identity.token_revoked', 'identity.token_created'])
  expect((await stack.call(listTokens, {})).items).toEqual([])
  expect(await stack.call(verifyAudit, {})).toMatchObject({ intact: true, broken_at: null })
})

test('a record that was changed, removed or taken off the end is missed', async () => {
  for (const name of ['a', 'b', 'c']) await stack.call(createToken, { name })
  const { records, newest } = await stack.call(verifyAudit, {})
  expect(await stack.call(verifyAudit, { kept: newest })).toMatchObject({ intact: true, kept_at: records })
  const [last] = await rowsAfter(stack.ctx.db, records - 1, 1)
  if (!last) throw new Error('no record')
  const remove = () => stack.ctx.db.deleteFrom('audit_record').where('id', '=', records).execute()

  await remove()
  expect(await stack.call(verifyAudit, {})).toMatchObject({ intact: true, records: records - 1 })
  expect(await stack.call(verifyAudit, { kept: newest })).toMatchObject({
    intact: false,
    broken_at: null,
    kept_at: null,
  })

  await insertRow(stack.ctx.db, { ...last, actor: 'somebody else' })
  expect(await stack.call(verifyAudit, {})).toMatchObject({ intact: false, broken_at: records, records: records - 1 })
  await remove()
  await insertRow(stack.ctx.db, last)
  expect(await stack.call(verifyAudit, { kept: newest })).toMatchObject({ intact: true })
})

test('a record is found by words of it in any order; a percent sign is only a percent sign', async () => {
  const token = await stack.call(createToken, { name: 'Nightly 100%' })
  const found = async (search: string) =>
    (await stack.call(listAudit, { search })).items.map((record) => record.subject)
  expect(await found('nightly token_created')).toEqual([token.id])
  expect(await found('100% NIGHTLY')).toEqual([token.id])
  expect(await found('1%0')).toEqual([])
  expect(await found('nightly revoked')).toEqual([])
})

test('a token that is sent is always checked', async () => {
  const { secret } = await stack.call(createToken, { name: 'viewer', role: 'viewer' })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  await expect(stack.call(listAudit, {}, as('ms_wrong'))).rejects.toMatchObject({ status: 401 })
  await expect(stack.call(createToken, { name: 'x' }, as(secret))).rejects.toMatchObject({
    status: 403,
    code: 'access.forbidden',
  })
  expect((await stack.call(listAudit, {}, as(secret))).items.length).toBeGreaterThan(0)
})

test('a page of another site may neither read by a rebound name nor write', async () => {
  const rebound = await stack.control.app.inject({ url: '/api/v1/audit', headers: { host: 'evil.example' } })
  expect(rebound.statusCode).toBe(403)
  await expect(stack.call(createToken, { name: 'x' }, { origin: 'http://evil.example' })).rejects.toMatchObject({
    code: 'access.foreign_origin',
  })
})
