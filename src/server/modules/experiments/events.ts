import type { RunStatus } from './tables.ts'

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    'experiments.run_ended': { run: string; experiment: string; status: RunStatus }
    /** A logged model was finalized: `tree` names its files for good. */
    'experiments.model_logged': { model: string; run: string | null; attempt: string | null; tree: string | null }
  }
}
