import type { AuditRecord } from '../../../contract/audit.ts'
import { plain } from '../../lib/format.ts'

const deeds: Readonly<Record<string, string>> = {
  'automation.approved': 'approved an action',
  'automation.mode_set': 'set the mode of a rule',
  'automation.notify': 'sent a notice',
  'automation.rejected': 'rejected an action',
  'automation.retrain': 'started a retraining',
  'automation.rollback': 'started a rollback',
  'automation.rule_saved': 'declared a rule',
  'automation.switched_off': 'switched automation off',
  'automation.switched_on': 'switched automation on',
  'experiments.created': 'made an experiment',
  'experiments.deleted': 'deleted an experiment',
  'experiments.renamed': 'renamed an experiment',
  'experiments.restored': 'restored an experiment',
  'identity.signed_in': 'signed in',
  'identity.token_created': 'made a token',
  'identity.token_revoked': 'revoked a token',
  'monitoring.incident_closed': 'closed an incident',
  'monitoring.monitor_saved': 'declared a monitor',
  'pipelines.run_cancelled': 'cancelled a pipeline run',
  'pipelines.run_retried': 'retried a pipeline run',
  'pipelines.run_started': 'started a pipeline run',
  'pipelines.saved': 'declared a pipeline',
  'project.applied': 'applied a project file',
  'registry.alias_deleted': 'deleted an alias',
  'registry.alias_moved': 'moved an alias',
  'registry.model_created': 'made a model',
  'registry.model_deleted': 'deleted a model',
  'registry.model_renamed': 'renamed a model',
  'registry.stage_changed': 'changed a stage',
  'registry.version_created': 'registered a version',
  'registry.version_deleted': 'deleted a version',
  'rollouts.endpoint_rolled_back': 'took an endpoint back',
  'rollouts.paused': 'paused a rollout',
  'rollouts.promoted': 'promoted a version',
  'rollouts.rolled_back': 'rolled a version back',
  'rollouts.started': 'started a rollout',
  'serving.endpoint_saved': 'declared an endpoint',
  'serving.variants_changed': 'moved traffic',
}

/** `promoted a version`; what has no words yet is said as it is recorded. */
export const deedOf = ({ action }: AuditRecord): string => deeds[action] ?? action

/** Where the thing is that was touched, if it has a page. */
export function pageOf({ subject, action, details }: AuditRecord): string | undefined {
  if (subject.startsWith('inc_')) return `/incidents/${subject}`
  if (subject.startsWith('prun_')) return `/pipelines/runs/${subject}`
  if (typeof details['endpoint'] === 'string' && action.startsWith('rollouts.'))
    return `/endpoints/${encodeURIComponent(details['endpoint'])}?tab=history`
  const name = encodeURIComponent(subject.split(/[/@]/)[0] ?? '')
  if (action.startsWith('serving.') || action === 'rollouts.endpoint_rolled_back') return `/endpoints/${name}`
  if (action.startsWith('registry.') && !action.endsWith('_deleted')) return `/models/${name}`
  if (action === 'pipelines.saved') return `/pipelines/${name}`
  if (action === 'monitoring.monitor_saved') return `/monitoring/${name}`
  if (action.startsWith('experiments.')) return `/experiments/${name}`
  return action.startsWith('automation.') ? '/automation' : undefined
}

/** A digest is told by its first digits. */
const said = (value: unknown): string =>
  typeof value === 'string' ? plain(value).replaceAll(/\b([0-9a-f]{8})[0-9a-f]{24,}\b/g, '$1…') : JSON.stringify(value)

export const subjectOf = ({ subject, action }: AuditRecord): string =>
  action.startsWith('experiments.') ? `experiment ${subject}` : plain(subject)

/** The reason first, else what stands beside it on one line. */
export function detailsOf({ details }: AuditRecord): string {
  for (const key of ['reason', 'why', 'sentence']) {
    const value = details[key]
    if (typeof value === 'string' && value !== '') return plain(value)
  }
  return Object.entries(details)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key} ${said(value)}`)
    .join(' · ')
}
