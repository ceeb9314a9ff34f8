import type { Selectable } from 'kysely'
import type { Token } from '../../../contract/identity.ts'
import type { Role } from '../../../contract/permissions.ts'
import type { Db } from '../../platform/db/db.ts'
import type { ApiTokenTable } from './tables.ts'

export const toToken = (row: Selectable<ApiTokenTable>): Token => ({
  id: row.id,
  name: row.name,
  role: row.role,
  created_at: row.created_at,
  expires_at: row.expires_at,
})

export async function insertToken(db: Db, row: Selectable<ApiTokenTable>): Promise<void> {
  await db.insertInto('api_token').values(row).execute()
}

export async function findByDigest(db: Db, digest: string): Promise<Selectable<ApiTokenTable> | undefined> {
  return await db.selectFrom('api_token').selectAll().where('digest', '=', digest).executeTakeFirst()
}

/** Tokens that people made; those of pipeline steps come and go with their attempts. */
export async function listPersonal(db: Db): Promise<Token[]> {
  const rows = await db
    .selectFrom('api_token')
    .selectAll()
    .where('attempt', 'is', null)
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map(toToken)
}

export async function deleteToken(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('api_token').where('id', '=', id).executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function deleteOfAttempt(db: Db, attempt: string): Promise<void> {
  await db.deleteFrom('api_token').where('attempt', '=', attempt).execute()
}

/** Digests of people's tokens of the given roles that have not expired, and when the next one will. */
export async function validDigests(
  db: Db,
  roles: readonly Role[],
  now: number,
): Promise<{ digests: string[]; nextExpiry: number | undefined }> {
  const rows = await db
    .selectFrom('api_token')
    .select(['digest', 'expires_at'])
    .where('attempt', 'is', null)
    .where('role', 'in', [...roles])
    .execute()
  const valid = rows.filter((row) => row.expires_at === null || row.expires_at > now)
  const expiries = valid.flatMap((row) => row.expires_at ?? [])
  return {
    digests: valid.map((row) => row.digest),
    nextExpiry: expiries.length === 0 ? undefined : Math.min(...expiries),
  }
}
