import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/automation.ts'
import { serve } from '../../http/serve.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { automationSubscriber } from './follow.ts'
import { automationMigrations } from './migrations/2026-11-21-automation.ts'
import { approve, listActions, listDecisions, listRules, reject, setEnabled, setMode } from './service.ts'

export { currentRule, saveRule } from './service.ts'
export { listRules as ruleRows } from './queries.ts'
export { pendingActions } from './pending.ts'
export { checkStep } from './steps/check.ts'
export { deployStep } from './steps/deploy.ts'
export { predictionsInput } from './steps/predictions.ts'
export { registerStep } from './steps/register.ts'

export const automationModule: ModuleParts = {
  migrations: automationMigrations,
  routes: automationRoutes,
  subscribers: [automationSubscriber],
}

function automationRoutes(app: FastifyInstance): void {
  serve(app, api.listRules, listRules)
  serve(app, api.setMode, setMode)
  serve(app, api.setEnabled, setEnabled)
  serve(app, api.listDecisions, listDecisions)
  serve(app, api.listActions, listActions)
  serve(app, api.approveAction, approve)
  serve(app, api.rejectAction, reject)
}
