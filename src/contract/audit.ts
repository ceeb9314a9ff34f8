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
  summary:
    'Recomputes the hash chain; says whether it is whole and where it breaks. The newest digest, kept elsewhere and given as `kept` later, tells whether records were taken off the end.',
  input: z.object({
    /** A digest that was the newest at some time. */
    kept: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is 64 lower-case hexadecimal digits')
      .optional(),
  }),
  output: z.object({
    records: z.number().int(),
    intact: z.boolean(),
    broken_at: z.number().int().nullable(),
    /** Of the last record that fits; of an empty chain zeros. */
    newest: z.string(),
    /** The record with the digest that was kept; null if there is none, or none was given. */
    kept_at: z.number().int().nullable(),
  }),
})
