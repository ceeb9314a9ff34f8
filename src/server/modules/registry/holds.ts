import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import * as q from './queries/holds.ts'
import type { ModelRow } from './queries/models.ts'

/** Throws while somebody holds the version, or any version of the model when none is said. */
export async function assertFree(
  ctx: Ctx,
  { id, name }: Pick<ModelRow, 'id' | 'name'>,
  version?: number,
): Promise<void> {
  const holders = await q.listHolders(ctx.db, id, version)
  if (holders.length === 0) return
  const what = version === undefined ? name : `${name} version ${version}`
  throw new MainstayError('registry.version_in_use', `${what} is in use by ${holders.join(', ')}`)
}
