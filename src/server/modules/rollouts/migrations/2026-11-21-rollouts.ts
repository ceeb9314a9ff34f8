import type { Migration } from '../../../platform/db/migrate.ts'

export const rolloutsMigrations: Migration[] = [
  {
    name: '2026-11-21-rollouts',
    async up({ createTable, createIndex }) {
      await createTable(
        'rollout',
        {
          id: 'text',
          project_id: 'text',
          endpoint: 'text',
          model: 'text',
          candidate: 'int',
          champion: 'int?',
          stage: 'text',
          weight: 'float',
          /** Person who paused it, or null; a paused rollout is still judged. */
          paused_by: 'text?',
          answers_drift: 'flag',
          reason: 'text',
          incident: 'text?',
          sentence: 'text',
          /** Evidence of the replay and when each step began, as the page shows them. */
          progress: 'json',
          started_at: 'millis',
          started_event_time: 'millis?',
          step_event_time: 'millis?',
          ended_at: 'millis?',
          ended_event_time: 'millis?',
        },
        ['id'],
      )
      await createIndex('rollout_active', 'rollout', ['endpoint'], { unique: true, where: 'ended_at is null' })
      await createTable(
        'rollout_verdict',
        {
          id: 'text',
          rollout: 'text',
          at: 'millis',
          event_time: 'millis',
          stage: 'text',
          weight: 'float',
          verdict: 'text',
          sentence: 'text',
          checks: 'json',
        },
        ['id'],
      )
      await createIndex('rollout_verdict_time', 'rollout_verdict', ['rollout', 'event_time'], { unique: true })
      await createTable(
        'pair_hour',
        {
          endpoint: 'text',
          hour: 'millis',
          version_a: 'int',
          version_b: 'int',
          n: 'int',
          abs_error_a: 'float?',
          abs_error_b: 'float?',
          squared_error_a: 'float?',
          squared_error_b: 'float?',
          log_loss_a: 'float?',
          log_loss_b: 'float?',
          wrong_a: 'int',
          wrong_b: 'int',
          abs_actual: 'float?',
        },
        ['endpoint', 'hour', 'version_a', 'version_b'],
      )
    },
  },
]
