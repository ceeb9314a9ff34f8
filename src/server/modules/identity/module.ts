import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/identity.ts'
import { serve } from '../../http/serve.ts'
import { createToken, listTokens, revokeToken } from './service.ts'

export { authenticate, createFirstToken, issueStepToken, revokeStepToken, signIn } from './service.ts'
export { publishJob } from './publish.ts'
export { identityMigrations as migrations } from './migrations/2026-11-21-token.ts'

export function identityRoutes(app: FastifyInstance): void {
  serve(app, api.createToken, createToken)
  serve(app, api.listTokens, listTokens)
  serve(app, api.revokeToken, revokeToken)
}
