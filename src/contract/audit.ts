import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { PageInput, pageOf } from './paging.ts'

export const AuditRecord = z.object({
  id: z.number().int(),
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  digest: z.string(),
})
export type AuditRecord = z.infer<typeof AuditRecord>

export const listAudit = endpoint({
  id: 'audit.list',
  method: 'GET',
  path: '/api/v1/audit',
  permission: 'audit.read',
  summary: 'Who did what, newest first.',
  input: PageInput.extend({
    subject: z.string().optional(),
    /** Words that must all stand in the actor, the action, the subject or the details. */
    search: z.string().max(200).optional(),
  }),
  output: pageOf(AuditRecord),
})

export const verifyAudit = endpoint({
  id: 'audit.verify',
  method: 'GET',
  path: '/api/v1/audit/verify',
  permission: 'audit.read',
  summary: 'Recomputes the hash chain; says whether it is whole and where it breaks.',
  input: z.object({}),
  output: z.object({ records: z.number().int(), intact: z.boolean(), broken_at: z.number().int().nullable() }),
})
