import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/audit.ts'
import { serve } from '../../http/serve.ts'
import { auditMigrations } from './migrations/2026-11-21-audit.ts'
import { listRecords, verifyChain } from './service.ts'

export { audit } from './service.ts'
export const migrations = auditMigrations

export function auditRoutes(app: FastifyInstance): void {
  serve(app, api.listAudit, listRecords)
  serve(app, api.verifyAudit, verifyChain)
}
