/** A rollout that does not go on without a person. */
export type RolloutWaits = {
  rollout: string
  endpoint: string
  version: number
  at: number
  why: string
  incident: string | null
}

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    'rollouts.started': {
      rollout: string
      endpoint: string
      model: string
      candidate: number
      champion: number | null
      incident: string | null
    }
    'rollouts.stepped': { rollout: string; endpoint: string; stage: string; weight: number }
    /** Its `max_duration` is over and the evidence does not decide: a person has to. */
    'rollouts.overdue': RolloutWaits
    /** Not worse than the version before, but outside the limit: a person may promote it. Told once. */
    'rollouts.outside_limit': RolloutWaits
    'rollouts.promoted': {
      rollout: string
      endpoint: string
      model: string
      version: number
      previous: number | null
      at: number
      incident: string | null
    }
    'rollouts.rolled_back': {
      rollout: string
      endpoint: string
      model: string
      version: number
      to: number | null
      at: number
      why: string
      incident: string | null
    }
    /** A person or a rule went back to an earlier version outside of a rollout. */
    'rollouts.endpoint_rolled_back': {
      endpoint: string
      /** That of the rule; null by hand. */
      incident: string | null
      model: string
      from: number
      to: number
      at: number
      why: string
    }
  }
}
