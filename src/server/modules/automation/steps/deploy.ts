import type { Analytics } from '../../../platform/analytics/analytics.ts'
import { isFrozen } from '../../monitoring/module.ts'
import type { PlatformNode, PlatformStep } from '../../pipelines/module.ts'
import { getVersion } from '../../registry/module.ts'
import { activeRollout, startRollout } from '../../rollouts/module.ts'
import { ensureReference, findServable } from '../../serving/module.ts'
import { attachRollout } from '../follow.ts'
import * as q from '../queries/actions.ts'
import { numberOf, textOf } from './upstream.ts'

const soonMs = 300
const laterMs = 3_000

interface Target {
  endpoint: string
  model: string
  version: number
}

function targetOf(node: PlatformNode): Target | undefined {
  const given = node.spec['version']
  const registered = Object.values(node.upstream).find(
    (outputs) => typeof outputs['version'] === 'number' && typeof outputs['model'] === 'string',
  )
  const version =
    numberOf(node.spec, 'version') ??
    (typeof given === 'object' && given !== null
      ? Number((given as { version?: unknown }).version)
      : Number(registered?.['version']))
  const endpoint = textOf(node.spec, 'endpoint')
  const model =
    textOf(node.spec, 'model') ?? (typeof registered?.['model'] === 'string' ? registered['model'] : endpoint)
  return endpoint === undefined || model === undefined || !Number.isInteger(version)
    ? undefined
    : { endpoint, model, version }
}

/** Brings a registered version to an endpoint by a rollout, in the transaction that ends the step. */
export function deployStep(parts: { home: string; analytics: Analytics }): PlatformStep {
  return {
    kind: 'deploy',
    async prepare(ctx, node) {
      const target = targetOf(node)
      if (!target) return { ready: null }
      const version = await getVersion(ctx, target.model, target.version)
      if (version.status === 'PENDING_REGISTRATION')
        return { wait: `version ${target.version} is being registered`, until: ctx.clock.now() + soonMs }
      if (!(await findServable(ctx, target.model, target.version))) return { ready: null }
      await ensureReference(ctx, parts, target.model, target.version)
      if (await isFrozen(ctx.db, target.endpoint))
        return { wait: 'the inputs are quarantined; rollouts wait', until: ctx.clock.now() + laterMs }
      if (await activeRollout(ctx.db, target.endpoint))
        return { wait: 'another rollout is in progress', until: ctx.clock.now() + laterMs }
      return { ready: target }
    },
    async commit(ctx, node, ready) {
      const target = ready as Target | null
      if (!target) return { passed: false, outputs: {}, sentence: 'There is no version that can be served.' }
      const action = node.trigger.kind === 'automation' ? await q.findAction(ctx.db, node.trigger.ref) : undefined
      const started = await startRollout(ctx, {
        ...target,
        reason: action ? `answers an incident: ${action.sentence}` : `pipeline run ${node.run}`,
        incident: action?.incident ?? null,
        answersDrift: action !== undefined,
        strategy: 'rollout',
      })
      if (action && started.rollout !== null) await attachRollout(ctx, action.id, started.rollout)
      const sentence = started.live
        ? `Version ${target.version} is live on ${target.endpoint}.`
        : `Rollout of version ${target.version} on ${target.endpoint} started.`
      return { passed: true, outputs: { ...target, rollout: started.rollout }, sentence }
    },
  }
}
