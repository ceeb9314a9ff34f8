import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/automation.ts'
import { serve } from '../../http/serve.ts'
import type { ModuleParts } from '../../platform/module.ts'
import { automationSubscriber } from './follow.ts'
import { automationMigrations } from './migrations/2026-11-21-automation.ts'
import { looksMigrations } from './migrations/2026-11-21-automation-looks.ts'
import { approve, listActions, listDecisions, listRules, reject, setEnabled, setMode } from './service.ts'

export { currentRule, saveRule } from './service.ts'

export { pendingActions } from './pending.ts'
export { checkStep } from './steps/check.ts'
export { deployStep } from './steps/deploy.ts'
export { predictionsInput } from './steps/predictions.ts'
export { registerStep } from './steps/register.ts'

/** `allowed` is the setting MAINSTAY_AUTOMATION: false lets no rule act in this process, whatever the switch says. */
export const automationModule = (allowed: boolean): ModuleParts => ({
  migrations: [...automationMigrations, ...looksMigrations],
  routes: (app) => automationRoutes(app, allowed),
  subscribers: [automationSubscriber(allowed)],
})

function automationRoutes(app: FastifyInstance, allowed: boolean): void {
  serve(app, api.listRules, async (ctx) => {
    const rules = await listRules(ctx)
    return { ...rules, enabled: rules.enabled && allowed }
  })
  serve(app, api.setMode, setMode)
  serve(app, api.setEnabled, setEnabled)
  serve(app, api.listDecisions, listDecisions)
  serve(app, api.listActions, listActions)
  serve(app, api.approveAction, approve)
  serve(app, api.rejectAction, reject)
}
